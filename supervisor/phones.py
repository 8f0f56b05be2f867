"""What counts as a telephone number, wherever one comes in and before one goes out."""

import re

PHONE = re.compile(r"\+?[0-9*#]{2,20}")
"""What may reach a dialplan: nothing that Asterisk gives a meaning to (``& / , @ ( ) $``)."""
DESTINATION = re.compile(r"[0-9A-Za-z_*#+]{1,32}")
"""An extension that a caller may be handed over to; the shipped dialplan lets nothing else pass."""
_WRITTEN = str.maketrans("", "", " \t().-/")


class PhoneError(ValueError):
    """Not a telephone number; the message quotes it."""


def normalise_phone(written: str) -> str:
    """``(11) 98765-4321`` as ``11987654321``; raises :class:`PhoneError`."""
    phone = written.translate(_WRITTEN)
    if not PHONE.fullmatch(phone):
        raise PhoneError(f'"{written}" is not a telephone number')
    return phone
