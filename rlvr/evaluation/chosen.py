"""From the names of suites to suites, with what was chosen about them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from base_training.errors import InputError
from rewards.errors import VerifierError
from rewards.problem import Problem
from rewards.verifier import load_section
from rlvr.evaluation.asking import Encode, encoder
from rlvr.evaluation.harness import PREFIX, harness_suite
from rlvr.evaluation.held_out import held_out_suite
from rlvr.evaluation.options import EvaluationOptions
from rlvr.evaluation.suite import Suite
from rlvr.evaluation.suites import Options, build_suite
from rlvr.evaluation.suites.own import read_suite
from rlvr.preflight import problem_set
from rlvr.recipe import Recipe

HELD_OUT = "run"


def chosen_suites(
    names: Sequence[str],
    recipe: Recipe | None,
    tokenizer: PreTrainedTokenizerBase,
    options: EvaluationOptions,
) -> list[Suite]:
    """Build suites, and refuse what could not be scored.

    Args:
        names: Of suites that there are, or paths of YAML files, or ``run``.
        recipe: Of the run that is evaluated, if it is one.
        tokenizer: The model's.
        options: What was chosen.

    Raises:
        InputError: There is no such suite, or its data cannot be used.
        VerifierError: A verifier cannot be loaded, or cannot use a label.
    """
    if not names:
        raise InputError("name at least one suite with --suite; `rlvr eval --list` shows them")
    if options.chat and not tokenizer.chat_template:
        raise InputError("--format chat: the model's tokenizer has no chat template; choose plain")
    found = [_chosen(name, recipe, tokenizer, options) for name in dict.fromkeys(names)]
    for suite in found:
        check_labels(suite)
    return found


def check_labels(suite: Suite) -> None:
    """Raises `VerifierError` where a verifier of a suite cannot be loaded, or cannot use a label."""
    verifiers = {name: load_section(section) for name, section in suite.verifiers.items()}
    for problem in suite.problems:
        if problem.verifier not in verifiers:
            continue
        try:
            verifiers[problem.verifier].check_label(problem.label)
        except (ValueError, VerifierError) as error:
            raise VerifierError(
                f"suite {suite.name}, problem {problem.id}: the verifier cannot use its label: {error}"
            ) from error


def _chosen(
    name: str, recipe: Recipe | None, tokenizer: PreTrainedTokenizerBase, options: EvaluationOptions
) -> Suite:
    chat = bool(tokenizer.chat_template) if options.chat is None else options.chat
    if name.startswith(PREFIX):
        return harness_suite(name, options.data, bool(options.chat), options.limit)
    if name == HELD_OUT:
        if recipe is None:
            raise InputError("the suite run is that of a run's own held-out problems, and this is no run")
        suite = held_out_suite(recipe, _held_out(recipe, encoder(tokenizer, recipe.problems.chat)))
    elif name.endswith((".yaml", ".yml")):
        suite = read_suite(Path(name).expanduser(), chat)
    else:
        suite = build_suite(name, Options(options.data, chat))
    if suite.score == "verdict":
        suite = replace(suite, sampling=options.sampling(suite.name, suite.sampling))
    return suite.limited(options.limit)


def _held_out(recipe: Recipe, encode: Encode) -> Sequence[Problem]:
    """Those that the run itself asks, which leaves out what is too long for it."""
    longest = recipe.problems.max_prompt_tokens
    return problem_set(recipe, fits=lambda one: longest is None or len(encode(one)) <= longest).held_out
