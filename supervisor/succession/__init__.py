"""One ``ramal serve`` takes the place of another without refusing or losing a call."""
