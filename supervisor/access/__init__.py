"""Proof of who somebody is: passwords, second factors, and the tokens that stand for a login."""
