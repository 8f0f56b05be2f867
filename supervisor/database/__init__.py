"""PostgreSQL: the one source of truth. Everything that speaks SQL lives here."""
