"""Run by Alembic: migrations happen on the connection that `migrate.py` hands over."""

from alembic import context

from bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by copying the table
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
