"""What Alembic runs: migrations over the connection that `Database.upgrade` hands it."""

from alembic import context

from heliograph.storage.config.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
