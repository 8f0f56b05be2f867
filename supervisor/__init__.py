"""Control plane: command line, settings, database, workers and call control."""
