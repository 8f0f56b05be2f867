"""What an operator can put right: shown as one sentence, never as a traceback."""


class OperatorError(Exception):
    """Something outside the program is wrong.

    The message is one sentence that names what is wrong and what to do about it; it never holds a
    secret. Commands print it on stderr and exit with status 1.
    """
