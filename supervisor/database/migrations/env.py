"""Run by alembic: applies the revisions on the connection that ``migrate`` made."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
