"""What each test finds: modules, the label's setup, and names of the code under test."""

from typing import Any

from rewards.code.deadline import TestTimeout


class LabelError(Exception):
    """The label's own code fails before the response's has any part in it."""


class Stage:
    """Sets the stage anew for each test, so that none finds what another one left.

    Args:
        judge: The label's part of a task, as the verifier sends it.

    Attributes:
        found: What the code under test has of the names that the tests take from it.
        stands_alone: Whether the setup needs nothing of the code under test.

    Raises:
        LabelError: A module that the tests use is not there.
    """

    def __init__(self, judge: dict[str, Any]) -> None:
        self.found: dict[str, Any] = {}
        self.stands_alone: bool = judge["setup_first"]
        self._setup = compile(judge["setup"], "<setup>", "exec")
        self._required = judge["required"]
        try:
            self._modules = {name: __import__(name) for name in judge["modules"]}
        except ImportError as error:
            raise LabelError(str(error)) from error

    def rehearse(self) -> None:
        """Runs the setup where it stands alone.

        Raises:
            LabelError: It fails.
        """
        try:
            if self.stands_alone:
                self.set()
        except TestTimeout as error:
            raise LabelError("it takes too long") from error
        except Exception as error:
            raise LabelError(f"{type(error).__name__}: {error}"[:300]) from error

    def set(self) -> dict[str, Any]:
        """The names for one test; of those that both define, the setup's win, but for what is asked for."""
        names: dict[str, Any] = {"__name__": "tests", "__builtins__": __builtins__, **self._modules}
        if not self.stands_alone:
            names |= self.found
        exec(self._setup, names)
        asked = self.found if self.stands_alone else {name: self.found[name] for name in self._required}
        return names | asked
