"""Finding a foreign function, and calling it with what it takes."""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rewards.errors import VerifierError
from rewards.registry import Scope, find_target, nearest


@dataclass(frozen=True, slots=True)
class Foreign:
    """A function of another system with its settings bound.

    Attributes:
        name: What it was found by.
        function: What to call.
        settings: Keyword arguments that all calls share.
        named: Its arguments' names.
        takes_any: Whether it takes any keyword argument beside these.
        others: Arguments without a default that are neither of its convention nor settings.
        scope: What it declares.
    """

    name: str
    function: Callable[..., Any]
    settings: Mapping[str, Any]
    named: frozenset[str]
    takes_any: bool
    others: tuple[str, ...]
    scope: Scope

    async def call(self, offered: Mapping[str, Any]) -> Any:
        """Calls it with what it takes of ``offered``, and awaits what an async function returns."""
        taken = {key: value for key, value in offered.items() if self.takes_any or key in self.named}
        result = self.function(**{**taken, **self.settings})
        return await result if inspect.isawaitable(result) else result


def foreign(
    target: str,
    settings: Mapping[str, Any],
    base_path: str | Path | None,
    offered: Collection[str],
    *,
    needed: str,
) -> Foreign:
    """Finds a function and compares its arguments with its convention's.

    Args:
        target: As for `find_target`. Of a class an instance is made with the settings, and called.
        settings: Keyword arguments that the convention does not have.
        base_path: The folder that a relative file path starts from.
        offered: The arguments that the convention has.
        needed: The one of them without which nothing can be scored.

    Raises:
        VerifierError: There is no such function, it cannot take ``needed``, or it takes no such settings.
    """
    function = find_target(target, base_path)
    scope: Scope = getattr(function, "scope", "sample")
    if inspect.isclass(function):
        function, settings = made(target, function, settings), {}
    parameters = inspect.signature(function).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = {key: p for key, p in parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    if needed not in named and not takes_any:
        raise VerifierError(
            f"verifier {target} takes ({', '.join(parameters)}); its convention has {', '.join(offered)}, "
            f"of which it must take {needed}"
        )
    free = [name for name in named if name not in offered]
    for key in settings:
        if key in offered or (key not in named and not takes_any):
            raise VerifierError(
                f'verifier {target} takes no setting "{key}"{nearest(key, free)} '
                f"It takes {', '.join(free) or 'none'}"
            )
    required = [name for name in free if named[name].default is inspect.Parameter.empty]
    others = tuple(name for name in required if name not in settings)
    return Foreign(target, function, dict(settings), frozenset(named), takes_any, others, scope)


def made(target: str, kind: type, settings: Mapping[str, Any]) -> Any:
    """An instance of a class.

    Raises:
        VerifierError: It does not take the settings.
    """
    try:
        return kind(**settings)
    except (TypeError, ValueError) as error:
        raise VerifierError(f"verifier {target} cannot be made with the settings {settings}: {error}") from error


def refuse_others(function: Foreign, then: str) -> None:
    """Raises `VerifierError` where a function needs arguments that nothing gives it."""
    if function.others:
        raise VerifierError(f"verifier {function.name} also needs {', '.join(function.others)}; {then}")
