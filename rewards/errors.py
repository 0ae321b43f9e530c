"""The error that a user of verifiers can mend."""


class VerifierError(Exception):
    """A verifier cannot be found, loaded or configured, or a label has the wrong form.

    The message says what was wrong, where, and what to do; the command line prints it alone, without a traceback.
    """
