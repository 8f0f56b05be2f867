"""What is said and why: session, turn-taking, intents, directory, flows and texts."""
