"""The contract of a verifier, and how one is loaded.

A verifier is a function ``verify(response, label, *, problem) -> bool | float | Verdict``, sync or async, or a
class with such a method ``verify``. Arguments are filled by name, so that each takes only what it needs:

- ``response`` (text), ``label`` (as the problem's source gave it), ``problem``, ``seed`` (the sample's own);
- a name that is one of the recipe's ``settings``, or that has a default, is a setting;
- any other name is read from the problem's ``metadata``.

A class takes its settings in ``__init__`` and may also have

- ``quick``, with the arguments of ``verify``: a verdict where it can be given at once, without risk of hanging,
  or None, and then ``verify`` is called in a process of its own;
- ``check_label(label)``: raises ValueError or `VerifierError` where a label cannot be used;
- ``warm_up()``: called once in each process before the first response, for slow imports;
- ``scope`` and ``isolated``, as in `verifier`.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from rewards.errors import VerifierError
from rewards.registry import Scope, find_target, known_names, nearest, verifier
from rewards.request import ScoreRequest
from rewards.verdict import Verdict

__all__ = [
    "LoadedVerifier",
    "ScoreRequest",
    "Verdict",
    "VerifierError",
    "known_names",
    "load_verifier",
    "verifier",
]

_FROM_REQUEST: dict[str, Callable[[ScoreRequest], Any]] = {
    "response": lambda request: request.response,
    "label": lambda request: request.problem.label,
    "problem": lambda request: request.problem,
    "seed": lambda request: request.seed,
}


class LoadedVerifier:
    """A verifier with its settings, whatever form it was written in: it always answers with a `Verdict`.

    Attributes:
        name: What it was loaded by.
        scope: Whether it scores one sample or all samples of a problem at once.
        isolated: Whether `verify` must run in a process that can be killed.
        has_quick: Whether it can answer some requests at once.
    """

    def __init__(self, name: str, target: Any, settings: Mapping[str, Any]) -> None:
        self.name = name
        self.scope: Scope = getattr(target, "scope", "sample")
        self.isolated: bool = getattr(target, "isolated", True)
        if inspect.isfunction(target):
            self._verify = _filled_by_name(name, target, settings)
            self._instance: Any = target
        else:
            self._instance = _built(name, target, settings)
            self._verify = _filled_by_name(name, getattr(self._instance, "verify", self._instance), {})
        quick = getattr(self._instance, "quick", None)
        self.has_quick = quick is not None
        self._quick = None if quick is None else _filled_by_name(name, quick, {})

    def check_label(self, label: Any) -> None:
        """Raises `VerifierError` where this verifier cannot use the label."""
        check = getattr(self._instance, "check_label", None)
        if check is not None:
            try:
                check(label)
            except ValueError as error:
                raise VerifierError(f"verifier {self.name}: {error}") from error

    def warm_up(self) -> None:
        """Does the slow imports now rather than within the first response's time."""
        if hasattr(self._instance, "warm_up"):
            self._instance.warm_up()

    def quick(self, request: ScoreRequest) -> Verdict | None:
        """The verdict if it can be given at once and without risk, else None."""
        if self._quick is None:
            return None
        try:
            result = self._quick(request)
            return None if result is None else verdict_of(result)
        except Exception as error:
            return _failed(error)

    async def verify(self, request: ScoreRequest) -> Verdict:
        """Scores one response. An exception in the verifier becomes an invalid verdict, never a 0."""
        try:
            result = self._verify(request)
            return verdict_of(await result if inspect.isawaitable(result) else result)
        except MemoryError:
            return Verdict.of_correctness(False, "memory")
        except Exception as error:
            return _failed(error)


def load_verifier(
    target: str, settings: Mapping[str, Any] | None = None, base_path: str | Path | None = None
) -> LoadedVerifier:
    """Finds a verifier and gives it its settings.

    Args:
        target: A registered name, ``path/to/file.py:name``, ``package.module:name`` or an entry point's name.
        settings: The verifier's own settings.
        base_path: The folder that a relative file path starts from; the working directory is tried after it.

    Raises:
        VerifierError: There is no such verifier, it cannot be imported, or it does not take these settings.
    """
    return LoadedVerifier(target, find_target(target, base_path), dict(settings or {}))


def verdict_of(result: Any) -> Verdict:
    """What a verifier returned, as a verdict; anything but a bool, a finite number or a `Verdict` is invalid.

    A number from 0 to 1 counts as correct where it is 1; other numbers say nothing of correctness.
    """
    if isinstance(result, Verdict):
        return result
    if isinstance(result, bool) or (
        type(result).__module__ == "numpy" and type(result).__name__.startswith("bool")
    ):
        return Verdict.of_correctness(bool(result))
    if not isinstance(result, Real):
        return Verdict.invalid(
            f"the verifier returned {type(result).__name__}, expected a bool, a finite number or a Verdict"
        )
    if not math.isfinite(result):
        return Verdict.invalid(f"the verifier returned {float(result)}, expected a finite number")
    score = float(result)
    return Verdict(score, correct=score == 1 if 0 <= score <= 1 else None, reason="scored")


def _failed(error: Exception) -> Verdict:
    return Verdict.invalid(f"exception: {type(error).__name__}: {error}"[:500])


def _built(name: str, target: Any, settings: Mapping[str, Any]) -> Any:
    if not inspect.isclass(target):
        _check_settings(name, settings, {})
        return target
    parameters = dict(inspect.signature(target).parameters)
    _check_settings(name, settings, parameters)
    missing = [p.name for p in parameters.values() if _is_required(p) and p.name not in settings]
    if missing:
        raise VerifierError(f"verifier {name} needs the settings {', '.join(missing)}")
    try:
        instance = target(**settings)
    except (TypeError, ValueError) as error:
        raise VerifierError(f"verifier {name}: {error}") from error
    if not callable(getattr(instance, "verify", instance)):
        raise VerifierError(f"verifier {name}: class {target.__name__} has no method verify")
    return instance


def _filled_by_name(
    name: str, function: Callable[..., Any], settings: Mapping[str, Any]
) -> Callable[[ScoreRequest], Any]:
    """The function with its settings bound, taking the rest of its arguments from a request."""
    parameters = dict(inspect.signature(function).parameters)
    if "response" not in parameters and not _takes_any(parameters):
        raise VerifierError(
            f"verifier {name} takes ({', '.join(parameters)}); expected verify(response, label, *, problem), "
            "where only response is needed"
        )
    _check_settings(name, settings, {key: p for key, p in parameters.items() if key not in _FROM_REQUEST})
    wanted = _FROM_REQUEST if _takes_any(parameters) else _FROM_REQUEST.keys() & parameters.keys()
    from_request = {key: _FROM_REQUEST[key] for key in wanted}
    columns = [key for key, p in parameters.items() if key not in {*from_request, *settings} and _is_required(p)]

    def call(request: ScoreRequest) -> Any:
        arguments = {**settings, **{key: read(request) for key, read in from_request.items()}}
        metadata = request.problem.metadata
        for column in columns:
            if column not in metadata:
                raise VerifierError(f"{column} is neither a setting nor a column of problem {request.problem.id}")
            arguments[column] = metadata[column]
        return function(**arguments)

    return call


def _check_settings(name: str, settings: Mapping[str, Any], parameters: Mapping[str, inspect.Parameter]) -> None:
    if _takes_any(parameters):
        return
    takes = [key for key, p in parameters.items() if not _is_variadic(p)]
    for setting in settings:
        if setting not in takes:
            raise VerifierError(
                f'verifier {name} takes no setting "{setting}"{nearest(setting, takes)} '
                f"It takes {', '.join(takes) if takes else 'none'}"
            )


def _takes_any(parameters: Mapping[str, inspect.Parameter]) -> bool:
    return any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _is_variadic(parameter: inspect.Parameter) -> bool:
    return parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and not _is_variadic(parameter)
