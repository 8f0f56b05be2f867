"""What the receptionist says: sentences as data, one file per language."""
