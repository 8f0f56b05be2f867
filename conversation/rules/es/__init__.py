"""Rules for Spanish, as it is spoken in Latin America."""
