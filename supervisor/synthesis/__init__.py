"""Texts spoken into files, beside the calls and below them: synthesis jobs."""
