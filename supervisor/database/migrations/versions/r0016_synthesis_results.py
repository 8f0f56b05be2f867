"""What synthesis jobs made, where every machine can read it."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Nothing yet."""
