"""What each tenant may ask for."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Nothing yet."""
