"""Alembic's environment and revisions; see ``supervisor.database.migrate``."""
