"""Speech out: text normalising, engines, voices and the prompt cache."""
