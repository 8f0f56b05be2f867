"""One whole call on this machine: scenarios, a telephone exchange of our own, and the pictures."""
