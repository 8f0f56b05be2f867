"""``ramal recognise``: what an engine makes of the user's own recordings, and what it costs."""
