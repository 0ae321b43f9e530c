"""What an instruction is: an id, the arguments that it needs, and a check of a text against them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from rewards.registry import nearest

Check = Callable[..., bool]
Reader = Callable[[Any], Any]
"""Turns an argument as data sets write it into what the check takes; raises ValueError where it cannot."""

Target = TypeVar("Target", bound=Check)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One verifiable instruction.

    Attributes:
        id: What data sets call it, such as ``"keywords:existence"``.
        check: ``check(text, **arguments)``: whether the text, which is never blank, follows it.
        arguments: A reader for each argument. All are required: a check never makes one up.
    """

    id: str
    check: Check
    arguments: Mapping[str, Reader]

    def bind(self, given: Mapping[str, Any]) -> Callable[[str], bool]:
        """The check with its arguments; those that are None count as not given.

        Raises:
            ValueError: An argument is missing, unknown or has a value that makes no sense.
        """
        told = {name: value for name, value in given.items() if value is not None}
        for name in told:
            if name not in self.arguments:
                raise ValueError(
                    f'{self.id} takes no argument "{name}"{nearest(name, self.arguments)} '
                    f"It takes {', '.join(self.arguments) or 'none'}"
                )
        missing = [name for name in self.arguments if name not in told]
        if missing:
            raise ValueError(f"{self.id} needs the argument {' and '.join(missing)}")
        return partial(self.check, **{name: self._read(name, value) for name, value in told.items()})

    def _read(self, name: str, value: Any) -> Any:
        try:
            return self.arguments[name](value)
        except ValueError as error:
            raise ValueError(f"{self.id}: {name} must be {error}, got {value!r}"[:300]) from error


INSTRUCTIONS: dict[str, Instruction] = {}
"""All instructions by their id; filled where their modules are imported."""


def instruction(*ids: str, **arguments: Reader) -> Callable[[Target], Target]:
    """Registers a check under each of these ids."""

    def register(check: Target) -> Target:
        for id in ids:
            INSTRUCTIONS[id] = Instruction(id, check, arguments)
        return check

    return register
