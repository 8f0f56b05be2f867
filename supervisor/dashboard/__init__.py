"""What operators see in a browser: a page of our own, on the API that everybody has."""
