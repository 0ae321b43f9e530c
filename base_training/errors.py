"""Errors whose message is all that a user needs."""


class InputError(Exception):
    """What the user gave cannot be used.

    The message says what was wrong, where, and what to do; the command line prints it alone, without a traceback.
    """


class ProcessError(Exception):
    """A process of a run did not start, or ended before its time.

    The message says which and how to go on; the command line prints it alone, without a traceback.
    """
