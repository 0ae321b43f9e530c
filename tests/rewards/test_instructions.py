"""The instructions verifier: what follows an instruction, what only looks like it, and what labels it takes."""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.instructions.catalogue import INSTRUCTIONS, read_label
from rewards.instructions.text import sentences
from rewards.pool import VerifierPool
from rewards.verdict import Verdict
from rewards.verifier import LoadedVerifier, load_verifier
from tests.rewards.instruction_cases import BROKEN, CASES, FOLLOWED, IFBENCH, IFEVAL, TRAINING
from tests.rewards.requests import ask, verdict_of


@pytest.fixture(scope="module")
def instructions() -> LoadedVerifier:
    verifier = load_verifier("instructions")
    verifier.warm_up()
    return verifier


def label_of(*asked: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    return {"instruction_id_list": [id for id, _ in asked], "kwargs": [arguments for _, arguments in asked]}


@pytest.mark.parametrize(("id", "arguments", "response"), FOLLOWED)
def test_follows(instructions: LoadedVerifier, id: str, arguments: dict[str, Any], response: str) -> None:
    verdict = asyncio.run(instructions.verify(ask(response, label_of((id, arguments)))))
    assert verdict == Verdict(1.0, correct=True, reason="correct", metrics={id: 1.0})


@pytest.mark.parametrize(("id", "arguments", "response"), BROKEN)
def test_does_not_follow(instructions: LoadedVerifier, id: str, arguments: dict[str, Any], response: str) -> None:
    verdict = asyncio.run(instructions.verify(ask(response, label_of((id, arguments)))))
    assert verdict == Verdict(0.0, correct=False, reason="wrong", metrics={id: 0.0})


def test_every_instruction_has_a_case() -> None:
    counts = [len({case[0] for case in cases}) for cases in (IFEVAL, TRAINING, IFBENCH)]
    assert counts == [25, 29, 58]
    assert {case[0] for case in CASES} == set(INSTRUCTIONS)


NO_COMMA = ("punctuation:no_comma", {})
TITLE = ("detectable_format:title", None)


@pytest.mark.parametrize(
    ("settings", "response", "score", "correct"),
    [
        ({}, "<<Poem>>", 1.0, True),
        ({}, "<<Poem>> of roses, red", 0.0, False),
        ({"score": "fraction"}, "<<Poem>> of roses, red", 0.5, False),
        ({"score": "fraction"}, "Roses, red", 0.0, False),
        ({}, "Sure, here:\n<<Poem>>", 0.0, False),
        ({"mode": "loose"}, "Sure, here:\n<<Poem>>", 1.0, True),
        ({"mode": "loose"}, "<<Poem>>\nRoses, red\nViolets", 0.0, False),
    ],
)
def test_scores_all_or_a_fraction_strictly_or_loosely(
    settings: dict[str, Any], response: str, score: float, correct: bool
) -> None:
    verdict = verdict_of("instructions", ask(response, label_of(NO_COMMA, TITLE)), **settings)
    assert (verdict.score, verdict.correct, verdict.valid) == (score, correct, True)


def test_tells_each_instruction_apart() -> None:
    label = label_of(NO_COMMA, TITLE, NO_COMMA)
    verdict = verdict_of("instructions", ask("<<Roses, red>>", label))
    assert verdict.metrics == {
        "punctuation:no_comma": 0.0,
        "detectable_format:title": 1.0,
        "punctuation:no_comma#2": 0.0,
    }


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("", "no_answer"),
        (" \n\t\u200b", "no_answer"),
        ("<think>a plan", "no_answer"),
        ("<think>a plan</think>", "no_answer"),
        ("a" * 400_001, "too_long"),
        ("<think><<Poem>></think>Roses", "wrong"),
        ("<think>no, no</think>\n\n<<Poem>>", "correct"),
    ],
)
def test_counts_what_is_said_after_thinking(response: str, reason: str) -> None:
    verdict = verdict_of("instructions", ask(response, label_of(NO_COMMA, TITLE)))
    assert (verdict.valid, verdict.reason, verdict.score) == (True, reason, float(reason == "correct"))


def test_a_block_that_the_prompt_opened_must_be_closed() -> None:
    label = label_of(NO_COMMA)
    assert verdict_of("instructions", ask("fine", label), starts_thinking=True).reason == "no_answer"
    assert verdict_of("instructions", ask("a, b</think>fine", label), starts_thinking=True).correct
    assert verdict_of("instructions", ask("<think>fine", label), thinking=None).correct


@pytest.mark.parametrize(
    "label",
    [
        label_of(NO_COMMA),
        json.dumps(label_of(NO_COMMA)),
        {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{"num_words": None, "relation": None}]},
        "[{'instruction_id': ['punctuation:no_comma'], 'kwargs': [None]}]",
    ],
)
def test_reads_a_label_as_data_sets_write_it(label: Any) -> None:
    assert verdict_of("instructions", ask("One and two.", label)).correct
    assert verdict_of("instructions", ask("One, two.", label)).correct is False


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("", "neither JSON nor a Python literal"),
        ("__import__('os').getcwd()", "neither JSON nor a Python literal"),
        ("[" * 100_000, "neither JSON nor a Python literal"),
        (None, "must be an object"),
        (7, "must be an object"),
        ({"kwargs": [{}]}, "instruction_id_list must be a list of ids"),
        ({"instruction_id_list": [], "kwargs": []}, "instruction_id_list must be a list of ids"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": []}, "one object for each of 1 ids"),
        (label_of(("punctuation:no_coma", {})), "did you mean punctuation:no_comma"),
        (label_of(("length_constraints:number_words", {"num_words": 3})), "needs the argument relation"),
        (label_of(("length_constraints:number_words", None)), "needs the argument num_words and relation"),
        (label_of(("punctuation:no_comma", {"marks": 3})), 'takes no argument "marks"'),
        (
            label_of(("length_constraints:number_words", {"num_words": 3, "relation": "about"})),
            'relation must be "at least" or "less than", got \'about\'',
        ),
        (
            label_of(("length_constraints:number_words", {"num_words": -1, "relation": "at least"})),
            "num_words must be a whole number from 0 on",
        ),
        (label_of(("count:numbers", {"N": float("inf")})), "N must be a whole number"),
        (label_of(("count:numbers", {"N": True})), "N must be a whole number"),
        (label_of(("words:words_position", {"keyword": " "})), "keyword must be a text that is not blank"),
        (label_of(("keywords:existence", {"keywords": []})), "keywords must be a list of texts"),
        (label_of(("language:response_language", {"language": "tlh"})), "one of the language codes"),
        (
            label_of(
                ("keywords:letter_frequency", {"letter": "ab", "let_frequency": 1, "let_relation": "at least"})
            ),
            "letter must be one character",
        ),
        (label_of(("ratio:stop_words", {"percentage": 101})), "percentage must be a number from 0 to 100"),
    ],
)
def test_a_label_that_leaves_something_open_is_invalid(label: Any, message: str) -> None:
    with pytest.raises(VerifierError, match="verifier instructions: ") as refused:
        load_verifier("instructions").check_label(label)
    assert message in str(refused.value)
    verdict = verdict_of("instructions", ask("One and two.", label))
    assert not verdict.valid
    assert verdict.reason.startswith("bad label: ")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "lax"}, "mode must be strict or loose"),
        ({"score": "some"}, "score must be all or fraction"),
        ({"thinking": "think"}, "expected an opening and a closing tag"),
    ],
)
def test_refuses_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VerifierError, match=message):
        load_verifier("instructions", settings)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("...", 0),
        ("One", 1),
        ('He said "Go." She went.', 2),
        ("See Fig. 3. It shows pi, 3.14, e.g. here.", 2),
        ("J. R. R. Tolkien wrote it. I read it.", 2),
        ("So did I. You too.", 2),
        ("She said no. He left on Dec. 24. It was no. 5.", 3),
        ("Bread, milk, etc. We left at 5 p.m. and came back.", 2),
        ("1. Wash.\n2. Dry.", 2),
        ("Really?! Yes... No", 3),
        ("行く。帰る！", 2),
        ("visit example.com or v2.0.1 today", 1),
    ],
)
def test_tells_sentences_apart(text: str, count: int) -> None:
    assert len(sentences(text)) == count


WORDS = {"num_words": 20, "relation": "at least"}
HACKS: list[tuple[str, dict[str, Any], str]] = [
    ("keywords:forbidden_words", {"forbidden_words": ["bad"]}, "It is b\u200bad."),
    ("keywords:forbidden_words", {"forbidden_words": ["bad"]}, "It is ba\u00add."),
    ("keywords:forbidden_words", {"forbidden_words": ["bad"]}, "It is b\u0430d."),
    ("keywords:forbidden_words", {"forbidden_words": ["bad"]}, "It is \U0001d41b\U0001d41a\U0001d41d."),
    ("keywords:forbidden_words", {"forbidden_words": ["bad"]}, "It is b\u0336a\u0336d\u0336."),
    ("keywords:forbidden_words", {"forbidden_words": ["bad"]}, "It is b**a**d."),
    ("keywords:exclude_word_harder", {"keyword": "bad"}, "It is bad."),
    ("keywords:existence", {"keywords": ["apple"]}, "<think>apple</think>A fruit."),
    ("punctuation:no_comma", {}, "One\uff0c two."),
    ("punctuation:punctuation_dot", {}, "One\u3002 Two\u2026"),
    ("detectable_format:constrained_response", {}, "My answer is yes. My answer is no. My answer is maybe."),
    ("detectable_format:multiple_sections", {"section_spliter": "Section", "num_sections": 3}, "Section 1 " * 3),
    ("detectable_format:number_bullet_lists", {"num_bullets": 3}, "* \n* \n* "),
    ("detectable_format:number_bullet_lists", {"num_bullets": 3}, "---\n---\n---"),
    ("detectable_content:number_placeholders", {"num_placeholders": 3}, "[] [ ] [\u200b]"),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 3}, "** ** * * ** **"),
    ("detectable_format:title", {}, "<< >> text"),
    ("detectable_format:json_format", {}, '"Not an object at all."'),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Text. P.S."),
    ("combination:two_responses", {}, "Yes, it is. ****** yes it is"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Write a poem."}, "Write a poem."),
    ("startend:quotation", {}, '" "'),
    ("language:response_language", {"language": "fi"}, "1234 5678 !!!"),
    ("change_case:english_capital", {}, "1234 !!!"),
    ("length_constraints:number_words", WORDS, "\u200b".join("word")),
    ("length_constraints:number_sentences", {"num_sentences": 5, "relation": "at least"}, "... ! ? . . . ."),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 3}, "*** \n***\n ***"),
    ("words:palindrome", {}, "level " * 10),
    ("words:palindrome", {}, "aaaaa bbbbb ccccc ddddd eeeee fffff ggggg hhhhh iiiii jjjjj"),
    ("keywords:palindrome", {}, "I am a man."),
    ("count:conjunctions", {"small_n": 3}, "And and AND, and; and."),
    ("custom:reverse_newline", {}, "Zimbabwe\n" * 60),
    ("custom:reverse_newline", {}, "Zimbabwe\n" + "\n".join(f"Country {at}" for at in range(99, 10, -1))),
    ("words:last_first", {}, "A single sentence."),
    ("ratio:sentence_type", {}, "no sentence at all"),
    ("format:sub-bullets", {}, "No bullets - at all."),
    ("format:output_template", {}, "My Answer: My Conclusion: Future Outlook:"),
    ("count:words_japanese", {"N": 30}, "Only five words of English."),
    ("format:quote_unquote", {}, "Nothing is quoted."),
    ("copy:copying_multiple", {"prompt_to_repeat": "Hi.", "N": 2}, "Hi."),
]


@pytest.mark.parametrize("mode", ["strict", "loose"])
@pytest.mark.parametrize(("id", "arguments", "response"), HACKS)
def test_what_only_looks_like_it_earns_nothing(
    id: str, arguments: dict[str, Any], response: str, mode: str
) -> None:
    for score in ("all", "fraction"):
        verdict = verdict_of("instructions", ask(response, label_of((id, arguments))), mode=mode, score=score)
        assert (verdict.score, verdict.valid, verdict.correct) == (0.0, True, False)


FRAGMENTS = [
    *"*-[](){}\"'`.!?\n\t ",
    "**",
    "***",
    "\n\n",
    "<<",
    ">>",
    "?!",
    "word",
    "Dr.",
    "e.g.",
    "I",
    "3.14",
    "P.S.",
    "猫",
]
FRAGMENTS += [
    "Section 1",
    "Question 2.",
    "<i>",
    "</i>",
    "```json",
    "<think>",
    "</think>",
    "Zimbabwe",
    "ID,",
    "\U0001f600",
]
FRAGMENTS += ["\u200b", "\ufe0f", "\r\n", "\x00", "\ud800", "é", "ß", "İ", "٣", "؟"]
DEMANDING = label_of(TITLE, ("length_constraints:number_words", {"num_words": 99, "relation": "at least"}))
RESPONSES = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join), st.text(max_size=60))


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CASES), RESPONSES, st.sampled_from(["strict", "loose"]))
def test_any_response_gets_the_same_valid_verdict_twice(case: Any, response: str, mode: str) -> None:
    verifier = load_verifier("instructions", {"mode": mode})
    request = ask(response, label_of((case[0], case[1])))
    verdicts = [asyncio.run(verifier.verify(request)) for _ in range(2)]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0].valid, verdicts[0].reason
    assert verdicts[0].score == float(bool(verdicts[0].correct))
    assert asyncio.run(verifier.verify(ask(response, DEMANDING))).score == 0.0


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(sorted(INSTRUCTIONS)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
LABELS = JSON_VALUES | st.builds(
    lambda id, name, value: label_of((id, {name: value})),
    st.sampled_from(sorted(INSTRUCTIONS)),
    st.sampled_from(sorted({name for each in INSTRUCTIONS.values() for name in each.arguments})),
    JSON_VALUES,
)


@settings(max_examples=300, deadline=None)
@given(LABELS)
def test_any_label_is_read_or_refused(label: Any) -> None:
    try:
        asked = read_label(label)
    except ValueError:
        return
    assert all(each.id in INSTRUCTIONS for each in asked)


REPEATED = [
    "a",
    " \n",
    "*",
    "[",
    "<<",
    '"',
    "'''",
    ". ",
    "P.S",
    "My Conclusion:",
    "Question 1\n",
    "1",
    "e.g. ",
    "a-",
    "* \n",
    "`",
]
REPEATED += ["()", "!", "Section 1", "\u200b", "\ufe0f", "\n\t", "a.b@", "http://a"]


def slowest(verifier: LoadedVerifier, size: int) -> tuple[float, str]:
    """Seconds of the slowest check of a response of this size, and which it was."""
    found = []
    for piece in REPEATED:
        response = (piece * size)[: size - 1] + "x"
        for id, arguments, *_ in CASES:
            started = time.process_time()
            assert asyncio.run(verifier.verify(ask(response, label_of((id, arguments))))).valid
            found.append((time.process_time() - started, f"{id} {piece!r}"))
    return max(found)


def test_time_grows_with_the_length_only(instructions: LoadedVerifier) -> None:
    assert slowest(instructions, 8_000) < (0.5, "")


@pytest.mark.slow
def test_the_longest_responses_are_checked_in_time(instructions: LoadedVerifier) -> None:
    assert slowest(instructions, 400_000) < (4.0, "")


def test_scores_in_a_pool() -> None:
    async def score() -> list[Verdict]:
        async with VerifierPool(VerifierSection(name="instructions")) as pool:
            return await pool.score([ask(text, label_of(NO_COMMA)) for text in ("fine", "not, fine")])

    assert [verdict.score for verdict in asyncio.run(score())] == [1.0, 0.0]


def _rows(name: str) -> list[dict[str, Any]]:
    folder = os.environ.get("RLVR_TEST_DATA")
    assert folder, "set RLVR_TEST_DATA to the folder with the data sets; this test's docstring says which"
    return [json.loads(line) for line in (Path(folder) / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_all_labels_of_ifeval_can_be_used() -> None:
    """RLVR_TEST_DATA holds ``ifeval.jsonl``: IFEval's 541 rows {key, prompt, instruction_id_list, kwargs}."""
    verifier = load_verifier("instructions")
    rows = _rows("ifeval.jsonl")
    for row in rows:
        verifier.check_label({key: row[key] for key in ("instruction_id_list", "kwargs")})
    assert len(rows) == 541
    assert {id for row in rows for id in row["instruction_id_list"]} == {case[0] for case in IFEVAL}
