"""What a person sees of us in a real browser."""
