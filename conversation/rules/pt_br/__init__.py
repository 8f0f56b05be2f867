"""Rules for Brazilian Portuguese."""
