"""Asterisk's manager interface (AMI): the protocol, a client that reconnects, and a telephone."""
