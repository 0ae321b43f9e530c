"""The error that a user can mend."""


class InputError(Exception):
    """What the user gave cannot be used.

    The message says what was wrong, where, and what to do; the command line prints it alone, without a traceback.
    """
