"""`python -m rlvr` is `rlvr`."""

from rlvr.cli import app

if __name__ == "__main__":
    app()
