"""The caller's side: simulated people on AudioSocket legs, and what they measure at the wire."""
