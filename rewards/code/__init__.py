"""Whether code does what was asked: extraction, tests that the code cannot speak for, and the verifier ``code``."""
