"""Whether code does what was asked: extraction, tests that it cannot speak for, the verifier ``code``."""
