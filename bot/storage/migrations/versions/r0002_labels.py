"""What people's acts say of posts, where posts came from, and what may be learned from them."""

import sqlalchemy as sa
from alembic import op

from bot.storage.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Nobody said of the posts that are there already whether they may be learned from: no.
    op.add_column("posts", sa.Column("source", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "posts", sa.Column("may_train", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "labels",
        sa.Column("post_key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("learned_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_key"], ["posts.key"], name=op.f("fk_labels_post_key_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_key", name=op.f("pk_labels")),
    )


def downgrade() -> None:
    op.drop_table("labels")
    # Not as a batch: on SQLite that copies `posts` and drops the old one, and with it, by cascade,
    # everything that belongs to a post.
    op.drop_column("posts", "may_train")
    op.drop_column("posts", "source")
