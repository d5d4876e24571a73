"""The tables. A change here needs a migration; a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator

HEAD = "0002"
"""The revision these tables are; a test compares it with the newest migration."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; a naive one is refused, and none ever comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a time into UTC; SQLite keeps no zone, so it is taken off there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time can't be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

posts = Table(
    "posts",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("platform", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", JSON, nullable=False),
    Column("author_key", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("posted_at", UtcDateTime),
    Column("in_reply_to", Text, nullable=False),
    Column("repost_of", Text, nullable=False),
    Column("quotes", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("failure", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("may_train", Boolean, nullable=False, server_default=false()),
    Index(None, "state", "seq"),
    Index(None, "author_key", "fingerprint"),
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("cursor", Text),
    Column("next_fetch_at", UtcDateTime, nullable=False),
    Column("problem", Text, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("post_key", Text, ForeignKey("posts.key", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("body", JSON, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Index(None, "post_key"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("post_key", Text, ForeignKey("posts.key", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("expert", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("offered_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("steps_taken", Integer, nullable=False),
    Column("because", Text, nullable=False),
    Index(None, "state", "due_at"),
    Index(None, "expert", "offered_at"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("post_key", Text, ForeignKey("posts.key", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "post_key"),
)

labels = Table(
    "labels",
    metadata,
    Column("post_key", Text, ForeignKey("posts.key", ondelete="CASCADE"), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("how", String(16), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("learned_at", UtcDateTime),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("post_key", Text, ForeignKey("posts.key", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("surface", String(16), nullable=False),
    Column("address", Text, nullable=False),
    Column("card", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("shown_version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("channel", Text),
    Column("message", Text),
    Column("failure", Text, nullable=False),
    UniqueConstraint("id"),
    Index(None, "state", "due_at"),
    Index(None, "post_key"),
)
