"""Several verifiers as one: weights, gates, labels that list verifiers, limits of parts."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from rewards.composite.combine import combine, is_shut, stages
from rewards.composite.parts import named, parts_of_recipe
from rewards.composite.pools import MAX_POOLS
from rewards.composite.verifier import CompositeVerifier
from rewards.config import VerifierField, VerifierSection
from rewards.errors import VerifierError
from rewards.pool import VerifierPool
from rewards.request import ScoreRequest
from rewards.verdict import Verdict
from rewards.verifier import load_verifier
from tests.rewards.judge_server import Reply, judge_server
from tests.rewards.requests import ask

FILE = Path(__file__).with_name("plug_ins.py")
TAGS = {"name": "format", "settings": {"tags": ["think", "answer"]}}
GATED = [{**TAGS, "gate": True}, {"name": "math", "inside": "answer"}]


class _Recipe(BaseModel):
    verifier: VerifierField


def section(verifier: Any) -> VerifierSection:
    """What a recipe's ``verifier:`` is resolved to."""
    return _Recipe(verifier=verifier).verifier


def scored(verifier: Any, *requests: ScoreRequest, base_path: Path | None = None) -> list[Verdict]:
    """The verdicts of a pool, as in a run."""

    async def run() -> list[Verdict]:
        async with VerifierPool(section(verifier), base_path) as pool:
            return await pool.score(requests)

    return asyncio.run(run())


def composite(**settings: Any) -> dict[str, Any]:
    return {"name": "composite", "settings": settings}


def test_a_recipe_may_name_several() -> None:
    assert section("math") == VerifierSection(name="math")
    assert section({"name": "math"}) == VerifierSection(name="math")
    both = section(["math", TAGS])
    assert both == VerifierSection(name="composite", settings={"parts": ["math", TAGS]})
    assert section(both.model_dump(mode="json")) == both


@pytest.mark.parametrize("verifier", [[], [1], [["math"]], 5])
def test_a_recipe_names_at_least_one(verifier: Any) -> None:
    with pytest.raises(ValidationError):
        section(verifier)


def test_a_list_weighs_its_parts_the_same() -> None:
    [right, half] = scored(
        ["math", {"name": "length", "settings": {"target": 2}}], ask("42", "42"), ask("43", "42")
    )
    assert (right.score, right.correct, right.reason) == (1.0, True, "correct")
    assert right.metrics == {"math": 1.0, "length": 1.0, "length/length": 2.0}
    assert (half.score, half.correct, half.reason) == (0.5, False, "math: wrong")


def test_weights_are_shares_of_a_mean_or_factors_of_a_sum() -> None:
    parts = [{"name": "math", "weight": 3}, {"name": "length", "weight": 1, "settings": {"target": 4}}]
    assert scored(composite(parts=parts), ask("42", "42"))[0].score == (3 + 0.5) / 4
    assert scored(composite(parts=parts, combine="sum"), ask("42", "42"))[0].score == 3.5
    penalised = ["math", {"name": "overlong", "settings": {"max_length": 4, "buffer": 4}}]
    assert scored(composite(parts=penalised, combine="sum"), ask("42", "42"))[0].score == 0.5


def test_a_gate_that_is_shut_zeroes_what_follows() -> None:
    good, wrong, bad = scored(
        composite(parts=GATED),
        ask("<think>x</think><answer>42</answer>", "42"),
        ask("<think>x</think><answer>43</answer>", "42"),
        ask("42", "42"),
    )
    assert bad == Verdict(0.0, correct=False, reason="format: wrong", metrics={"format": 0.0, "math": 0.0})
    assert (wrong.score, wrong.reason) == (0.0, "math: wrong")
    assert good == Verdict(1.0, correct=True, reason="correct", metrics={"format": 1.0, "math": 1.0})


@pytest.mark.parametrize(
    ("response", "score"),
    [
        ("<answer>42</answer>", 1.0),
        ("<think>43</think>So it is <answer>\n42\n</answer>, of course.", 1.0),
        ("<answer>43</answer>42", 0.0),
        ("42", 0.0),
        ("<answer>42", 0.0),
        ("<answer>42</answer><answer>43</answer>", 0.0),
        ("<think><answer>42</answer></think>42", 0.0),
        ("<think>x</think><answer>42</answer><think>", 0.0),
    ],
)
def test_a_part_may_look_inside_a_tag(response: str, score: float) -> None:
    [verdict] = scored([{"name": "math", "inside": "answer"}], ask(response, "42"))
    assert (verdict.score, verdict.valid) == (score, True)


def test_a_part_that_looks_inside_a_tag_knows_how_its_verifier_thinks() -> None:
    part = {"name": "math", "inside": "answer", "settings": {"starts_thinking": True, "thinking": ["<r>", "</r>"]}}
    answered, open_ended = scored([part], ask("x</r><answer>42</answer>", "42"), ask("<answer>42</answer>", "42"))
    assert (answered.score, open_ended.score) == (1.0, 0.0)


def test_what_stands_before_a_gate_counts_and_what_follows_does_not_run() -> None:
    parts = [
        {"name": "length", "settings": {"target": 2}},
        {"name": "general", "gate": True, "weight": 1, "label": "43"},
        {"name": f"{FILE}:misbehaves"},
    ]
    [verdict] = scored(composite(parts=parts), ask("42", "42"))
    assert verdict.metrics == {"length": 1.0, "length/length": 2.0, "general": 0.0, "misbehaves": 0.0}
    assert (verdict.score, verdict.valid, verdict.reason) == (pytest.approx(1 / 3), True, "general: wrong")


def test_a_gate_may_ask_for_less_than_all() -> None:
    parts = [{"name": "length", "gate": True, "threshold": 0.5, "settings": {"target": 4}}, "math"]
    near, far = scored(composite(parts=parts), ask("42", "42"), ask("4", "4"))
    assert (near.score, near.correct) == (1.0, True)
    assert (far.score, far.correct) == (0.0, False)


def test_an_invalid_part_makes_the_whole_invalid() -> None:
    [verdict] = scored(["math", f"{FILE}:misbehaves"], ask("divide", "42"))
    assert not verdict.valid
    assert verdict.reason == "misbehaves: exception: ZeroDivisionError: division by zero"


def test_each_part_has_limits_of_its_own() -> None:
    parts = [{"name": f"{FILE}:misbehaves", "timeout_s": 0.5, "called": "slow"}, {"name": "math"}]
    [verdict] = scored({**composite(parts=parts), "timeout_s": 30}, ask("loop", "loop"))
    assert verdict.valid
    assert verdict.metrics["slow"] == 0.0
    assert verdict.reason == "slow: timeout"


def test_parts_take_over_the_limits_of_the_whole() -> None:
    [verdict] = scored({**composite(parts=[f"{FILE}:misbehaves"]), "timeout_s": 0.5}, ask("sleep", "42"))
    assert verdict.reason == "misbehaves: timeout"


def test_a_part_may_have_a_label_of_its_own() -> None:
    parts = [
        {"name": "general", "called": "city", "column": "city"},
        {"name": "general", "called": "fixed", "label": "Paris"},
        {"name": "general"},
    ]
    [verdict] = scored(composite(parts=parts), ask("Paris", "Rome", city="paris"))
    assert verdict.metrics == {"city": 1.0, "fixed": 1.0, "general": 0.0}
    [missing] = scored(composite(parts=parts), ask("Paris", "Rome"))
    assert not missing.valid
    assert 'has no column "city"' in missing.reason


def test_a_label_may_list_verifiers() -> None:
    label = [
        {"verifier": "math", "label": "42", "weight": 3},
        {"verifier": "general", "label": r"\d+", "settings": {"check": "regex"}},
        {"verifier": "general", "label": "43"},
    ]
    for form in (label, json.dumps(label)):
        [verdict] = scored("composite", ask("42", form))
        assert verdict.score == pytest.approx(4 / 5)
        assert verdict.metrics == {"math": 1.0, "general": 1.0, "general_2": 0.0}
        assert verdict.reason == "general_2: wrong"


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (None, "expected a list of at least one verifier"),
        ([], "expected a list of at least one verifier"),
        ("42", "expected a list of at least one verifier"),
        ("[", "it is not JSON"),
        (["math"], "entry 1 of the label must be"),
        ([{"verifier": "math"}], "entry 1 of the label must be"),
        ([{"verifier": "mth", "label": "42"}], 'no verifier "mth" may be named there; did you mean math'),
        ([{"verifier": "composite", "label": []}], 'no verifier "composite"'),
        ([{"verifier": "judge", "label": "42"}], 'no verifier "judge"'),
        ([{"verifier": f"{FILE}:exact", "label": "42"}], "no verifier"),
        ([{"verifier": "os:system", "label": "42"}], "no verifier"),
        ([{"verifier": ["math"], "label": "42"}], "no verifier"),
        ([{"verifier": "math", "label": "42", "wieght": 1}], 'unknown key "wieght"; did you mean weight'),
        ([{"verifier": "math", "label": "42", "weight": "much"}], "weight"),
        ([{"verifier": "math", "label": "42", "weight": float("nan")}], "weight"),
        ([{"verifier": "math", "label": "42", "weight": -1}], "a weight below 0"),
        ([{"verifier": "math", "label": "42", "weight": 0}], "no part has a weight"),
        ([{"verifier": "math", "label": "42", "settings": {"no": 1}}], 'no setting "no"'),
        ([{"verifier": "math", "label": "42", "timeout_s": 99}], "unknown key"),
        ([{"verifier": "math", "label": ""}], "math: verifier math: the label is empty"),
        ([{"verifier": "math", "label": "42"}] * 33, "33 verifiers are more than 32"),
    ],
)
def test_a_label_that_is_no_list_of_verifiers_is_a_bad_one(label: Any, message: str) -> None:
    with pytest.raises(VerifierError) as raised:
        load_verifier("composite").check_label(label)
    assert message in str(raised.value)
    [verdict] = scored("composite", ask("42", label))
    assert not verdict.valid
    assert verdict.reason.startswith("bad label: ")


def test_a_label_names_other_verifiers_only_where_the_recipe_lets_it() -> None:
    allowed = composite(for_labels=[{"name": f"{FILE}:Threshold", "called": "long", "settings": {"minimum": 1}}])
    label = [{"verifier": "long", "label": "x"}]
    assert scored(allowed, ask("four", label))[0].score == 4.0
    label = [{"verifier": "long", "label": "x", "settings": {"minimum": 0}}]
    [verdict] = scored(allowed, ask("four", label))
    assert 'the settings of "long" stand in the recipe' in verdict.reason


def test_a_judge_may_be_a_part_and_keeps_one_budget() -> None:
    with judge_server(lambda body, number: Reply("Score: 5")) as server:
        judge = {"name": "judge", "settings": {"base_url": server.url, "model": "m", "max_calls": 2}}
        verdicts = scored(["math", judge], *(ask(f"4{n}", "42") for n in range(2, 6)))
        labels = [[{"verifier": "judge", "label": "42"}, {"verifier": "math", "label": "42"}]] * 4
        by_label = scored(
            composite(for_labels=[judge]), *(ask(f"4{n}", label) for n, label in enumerate(labels, start=2))
        )
    assert [verdict.valid for verdict in verdicts] == [True, True, False, False]
    assert verdicts[0].metrics == {"math": 1.0, "judge": 0.5, "judge/raw": 5.0}
    assert verdicts[0].score == 0.75
    assert [verdict.valid for verdict in by_label] == [True, True, False, False]


def test_composites_may_stand_in_each_other() -> None:
    inner = composite(parts=["math", {"name": "length", "settings": {"target": 2}}])
    [verdict] = scored([inner, "math"], ask("42", "42"))
    assert verdict.score == 1.0
    assert verdict.metrics["composite/math"] == 1.0
    gate = [
        {"name": "format", "gate": True, "settings": {"pattern": r"\d+"}, "label": None},
        {"name": "composite"},
    ]
    [listed] = scored(composite(parts=gate), ask("42", [{"verifier": "math", "label": "42"}]))
    assert listed.score == 1.0


def test_parts_are_found_beside_the_samples() -> None:
    assert scored(["plug_ins.py:exact"], ask("42", "42"), base_path=FILE.parent)[0].score == 1.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parts": []}, "expected a list of at least one verifier"),
        ({"parts": "math"}, "expected a list of at least one verifier"),
        ({"parts": ["mth"]}, 'no verifier is named "mth"; did you mean math'),
        ({"parts": [{"settings": {}}]}, "part 1: name: Field required"),
        ({"parts": ["math", {"name": "math", "wieght": 1}]}, "part 2: wieght: unknown key; did you mean weight"),
        ({"parts": [{"name": "math", "settings": {"no": 1}}]}, 'no setting "no"'),
        ({"parts": [{"name": "math", "weight": -1}]}, "a weight below 0"),
        ({"parts": [{"name": "math", "gate": True}]}, "no part has a weight"),
        ({"parts": [{"name": "math", "label": "1", "column": "a"}]}, "give label or column"),
        ({"parts": ["math"], "combine": "product"}, "expected mean or sum"),
        ({"parts": [{"name": "math", "inside": "<answer>"}]}, "part 1: inside"),
        ({"parts": ["math"], "for_labels": ["math"]}, "only where there are no parts"),
        ({"parts": [f"{FILE}:group"]}, "scores whole groups"),
    ],
)
def test_wrong_settings_end_in_one_clear_message(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VerifierError) as raised:
        load_verifier("composite", settings)
    assert message in str(raised.value)


def test_a_bad_label_of_a_part_is_found_before_anything_runs() -> None:
    with pytest.raises(VerifierError, match="math: verifier math: the label is empty"):
        load_verifier("composite", {"parts": ["math"]}).check_label("")


def test_pools_that_only_labels_ask_for_make_room() -> None:
    verifier = CompositeVerifier()
    labels = [
        [{"verifier": "length", "label": None, "settings": {"target": target}}]
        for target in range(1, MAX_POOLS + 20)
    ]

    async def run() -> list[Verdict]:
        requests = [ask("x" * 5, label) for label in labels]
        verdicts = [
            await verifier.verify(
                request.response, request.problem.label, problem=request.problem, seed=None, tokens=None
            )
            for request in requests
        ]
        await verifier.close()
        return verdicts

    assert [verdict.score for verdict in asyncio.run(run())][4] == 1.0
    assert len(verifier._pools._pools) == 0


def test_combining_is_a_pure_function() -> None:
    parts = named(parts_of_recipe(["math", {"name": "length", "weight": 3}]))
    verdicts = [Verdict.of_correctness(True), Verdict(0.5)]
    assert combine(parts, verdicts, "mean").score == 0.625
    assert combine(parts, verdicts, "sum").score == 2.5
    assert combine(parts, [Verdict(0.5), Verdict(0.5)], "mean").correct is None
    assert not combine(parts, [Verdict.invalid("x"), Verdict(0.5)], "mean").valid


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 100), st.booleans()), min_size=1, max_size=8))
def test_a_mean_of_scores_from_0_to_1_stays_there(told: list[tuple[float, float, bool]]) -> None:
    parts = named(parts_of_recipe([{"name": "math", "weight": weight, "gate": gate} for _, weight, gate in told]))
    verdicts = [Verdict(score) for score, _, _ in told]
    shut = next((n for n, part in enumerate(parts.values()) if is_shut(part, verdicts[n])), len(told) - 1)
    verdict = combine(parts, verdicts[: shut + 1], "mean")
    assert 0 <= verdict.score <= 1 + 1e-9
    assert list(verdict.metrics) == list(parts)
    assert all(verdict.metrics[name] == 0 for name in list(parts)[shut + 1 :])
    assert [part for stage in stages(list(parts.values())) for part in stage] == list(parts.values())


def test_parts_that_see_the_whole_response_know_its_tokens() -> None:
    overlong = {"name": "overlong", "settings": {"max_length": 20, "buffer": 10, "unit": "tokens"}}
    asked = ask("<answer>42</answer>", tokens=15)
    [verdict] = scored(composite(parts=["math", overlong], combine="sum"), asked)
    assert (verdict.score, verdict.metrics["overlong"]) == (0.5, -0.5)
    [inside] = scored(composite(parts=["math", {**overlong, "inside": "answer"}], combine="sum"), asked)
    assert inside.reason.startswith("overlong: it is not known how many tokens")
