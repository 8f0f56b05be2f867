"""Events of calls, and alerts, as requests to the addresses of those who want to know."""
