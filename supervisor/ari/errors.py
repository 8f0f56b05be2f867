"""What can go wrong between us and ARI."""


class AriError(Exception):
    """A request could not be done; the message says why in one sentence."""


class AriDisconnectedError(AriError):
    """Asterisk cannot be reached, or did not answer in time."""


class AriProtocolError(AriError):
    """What answers there is not ARI."""


class AriLoginError(AriError):
    """Asterisk does not know the user or the password, or lets the user only read."""


class AriRefusedError(AriError):
    """Asterisk answered with an error; ``status`` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
