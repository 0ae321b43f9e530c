"""The contract of a verifier, and how one is loaded.

A verifier is a function ``verify(response, label, *, problem) -> bool | float | Verdict``, sync or async, or a
class with such a method ``verify``. Arguments are filled by name, so that each takes only what it needs:

- ``response`` (text), ``label`` (as the problem's source gave it), ``problem``, ``seed`` (the sample's own),
  ``tokens`` (how many the response has; None where nobody knows);
- a name that is one of the recipe's ``settings``, or that has a default, is a setting;
- any other name is read from the problem's ``metadata``.

One of scope ``group`` gets all responses to a problem: lists ``responses``, ``seeds`` and ``tokens`` in place of
``response``, ``seed`` and ``tokens``, and returns a list with one result for each.

A class takes its settings in ``__init__`` and may also have

- ``quick``, with the arguments of ``verify``: a verdict where it can be given at once, without risk of hanging,
  or None, and then ``verify`` is called in a process of its own; not for groups;
- ``check_label(label)``: raises ValueError or `VerifierError` where a label cannot be used;
- ``warm_up()``: called once in each process before the first response, for slow imports;
- ``bind(section)``: takes over the recipe's section, with its limits;
- ``start()`` and ``close()``, sync or async: called before the first response, and in the end;
- ``keeps_time``: True where it bounds its own time, so that the pool's clock for verifiers beside it does not run;
- ``longest_s``: the longest that it takes where it bounds its own time in a process of its own; the pool's clock
  is then no shorter;
- ``scope`` and ``isolated``, as in `verifier`.

A setting named ``base_path`` that the recipe does not give is the folder that relative file paths start from.
Functions that were written for another system are called in its way; see `rewards.conventions`.
"""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rewards.conventions import adapted
from rewards.errors import VerifierError
from rewards.registry import Scope, find_target, known_names, nearest, verifier
from rewards.request import GroupScoreRequest, ScoreRequest
from rewards.result import failed, verdict_of, verdicts_of
from rewards.verdict import Verdict

if TYPE_CHECKING:
    from rewards.config import VerifierSection

__all__ = [
    "GroupScoreRequest",
    "LoadedVerifier",
    "ScoreRequest",
    "Verdict",
    "VerifierError",
    "known_names",
    "load_section",
    "load_verifier",
    "verdict_of",
    "verifier",
]

BASE_PATH = "base_path"
"""The setting that the loader gives."""

_FROM_SAMPLE: dict[str, Callable[[Any], Any]] = {
    "response": lambda request: request.response,
    "label": lambda request: request.problem.label,
    "problem": lambda request: request.problem,
    "seed": lambda request: request.seed,
    "tokens": lambda request: request.tokens,
}

_FROM_GROUP: dict[str, Callable[[Any], Any]] = {
    "responses": lambda request: list(request.responses),
    "label": lambda request: request.problem.label,
    "problem": lambda request: request.problem,
    "seeds": lambda request: list(request.seeds),
    "tokens": lambda request: list(request.tokens or (None,) * len(request.responses)),
}


class LoadedVerifier:
    """A verifier with its settings, whatever form it was written in: it always answers with a `Verdict`.

    Attributes:
        name: What it was loaded by.
        scope: Whether it scores one sample or all samples of a problem at once.
        isolated: Whether `verify` must run in a process that can be killed.
        keeps_time: Whether it bounds its own time.
        longest_s: The longest that it takes in a process of its own, where it bounds that; else 0.
        has_quick: Whether it can answer some requests at once.
    """

    def __init__(
        self, name: str, target: Any, settings: Mapping[str, Any], base_path: str | Path | None = None
    ) -> None:
        self.name = name
        if inspect.isfunction(target):
            self._instance: Any = target
            verify, bound = target, settings
        else:
            self._instance = _built(name, target, settings, base_path)
            verify, bound = getattr(self._instance, "verify", self._instance), {}
        self.scope: Scope = getattr(self._instance, "scope", "sample")
        self.isolated: bool = getattr(self._instance, "isolated", True)
        self.keeps_time: bool = getattr(self._instance, "keeps_time", False)
        self.longest_s: float = getattr(self._instance, "longest_s", 0.0)
        given = _FROM_SAMPLE if self.scope == "sample" else _FROM_GROUP
        self._verify = _filled_by_name(name, verify, bound, given)
        quick = getattr(self._instance, "quick", None) if self.scope == "sample" else None
        self.has_quick = quick is not None
        self._quick = None if quick is None else _filled_by_name(name, quick, {}, given)

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

    def bind(self, section: "VerifierSection") -> None:
        """Hands over the recipe's section, where the verifier takes over its limits."""
        if hasattr(self._instance, "bind"):
            self._instance.bind(section)

    async def start(self) -> None:
        """Prepares what the verifier needs beside this process; raises `VerifierError` where it cannot."""
        await self._hook("start")

    async def close(self) -> None:
        """Frees what the verifier holds."""
        await self._hook("close")

    async def _hook(self, name: str) -> None:
        hook = getattr(self._instance, name, None)
        done = None if hook is None else hook()
        if inspect.isawaitable(done):
            await done

    def quick(self, request: ScoreRequest) -> Verdict | None:
        """The verdict if it can be given at once and without risk, else None."""
        if self._quick is None:
            return None
        try:
            result = self._quick(request)
            return None if result is None else verdict_of(result)
        except Exception as error:
            return failed(error)

    async def verify(self, request: ScoreRequest) -> Verdict:
        """Scores one response. An exception in the verifier becomes an invalid verdict, never a 0.

        Raises:
            VerifierError: It scores whole groups.
        """
        if self.scope == "group":
            raise VerifierError(f"verifier {self.name} scores whole groups, not single samples")
        try:
            result = self._verify(request)
            return verdict_of(await result if inspect.isawaitable(result) else result)
        except MemoryError:
            return Verdict.of_correctness(False, "memory")
        except Exception as error:
            return failed(error)

    async def verify_group(self, request: GroupScoreRequest) -> list[Verdict]:
        """Scores all responses to a problem, together or one by one, as the verifier's scope wants it.

        An exception makes all of them invalid, memory that ran out too: one response of them may be to blame, but
        not the others.
        """
        if self.scope == "sample":
            return [await self.verify(sample) for sample in request.samples()]
        try:
            results = self._verify(request)
            return verdicts_of(await results if inspect.isawaitable(results) else results, len(request.responses))
        except Exception as error:
            return [failed(error)] * len(request.responses)


def load_verifier(
    target: str,
    settings: Mapping[str, Any] | None = None,
    base_path: str | Path | None = None,
    convention: str = "native",
    scope: Scope | None = None,
) -> LoadedVerifier:
    """Finds a verifier and gives it its settings.

    Args:
        target: A registered name, ``path/to/file.py:name``, ``package.module:name`` or an entry point's name; for
            the convention ``http``, an address.
        settings: The verifier's own settings.
        base_path: The folder that a relative file path starts from; the working directory is tried after it.
        convention: How its function is called: ``native``, or one of `rewards.conventions.CONVENTIONS`.
        scope: Of a function of another convention that takes lists; native ones declare their own.

    Raises:
        VerifierError: There is no such verifier, it cannot be imported, or it does not take these settings.
    """
    if convention != "native":
        return LoadedVerifier(target, adapted(convention, target, settings or {}, base_path, scope), {})
    loaded = LoadedVerifier(target, find_target(target, base_path), dict(settings or {}), base_path)
    if scope not in (None, loaded.scope):
        raise VerifierError(
            f"verifier {target} is of scope {loaded.scope}, not {scope}; a verifier declares its scope itself, "
            f'with @verifier("name", scope="{scope}")'
        )
    return loaded


def load_section(section: "VerifierSection", base_path: str | Path | None = None) -> LoadedVerifier:
    """The verifier that a recipe's section describes; see `load_verifier`."""
    return load_verifier(section.name, section.settings, base_path, section.convention, section.scope)


def _built(name: str, target: Any, settings: Mapping[str, Any], base_path: str | Path | None) -> Any:
    if not inspect.isclass(target):
        _check_settings(name, settings, {})
        return target
    parameters = dict(inspect.signature(target).parameters)
    _check_settings(name, settings, parameters)
    if BASE_PATH in parameters and base_path is not None:
        settings = {BASE_PATH: str(base_path), **settings}
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
    name: str,
    function: Callable[..., Any],
    settings: Mapping[str, Any],
    given: Mapping[str, Callable[[Any], Any]],
) -> Callable[[Any], Any]:
    """The function with its settings bound, taking the rest of its arguments from a request.

    Args:
        name: The verifier's, for errors.
        function: What to call.
        settings: Its arguments that every request shares.
        given: How each of the other arguments is read from a request; the first is what cannot be missed.
    """
    parameters = dict(inspect.signature(function).parameters)
    scored = next(iter(given))
    if scored not in parameters and not _takes_any(parameters):
        raise VerifierError(
            f"verifier {name} takes ({', '.join(parameters)}); expected verify({scored}, label, *, problem), "
            f"where only {scored} is needed"
        )
    _check_settings(name, settings, {key: p for key, p in parameters.items() if key not in given})
    wanted = given.keys() if _takes_any(parameters) else given.keys() & parameters.keys()
    from_request = {key: given[key] for key in wanted}
    columns = [key for key, p in parameters.items() if key not in {*from_request, *settings} and _is_required(p)]

    def call(request: Any) -> Any:
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
