"""Sources, the split, the stream and the seeds."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from base_training.errors import InputError
from rollouts.config import ProblemsSection, SourceSection
from rollouts.problems import ProblemSet, ProblemsExhausted, Question, ShuffledProblems, sample_seed, source
from rollouts.problems.problem_set import split_questions

ROWS = [{"question": f"{n} apples and one more?", "answer": f"So it is\n#### {n + 1}"} for n in range(10)]


def sums_section(**changes: object) -> ProblemsSection:
    settings = {"low": 0, "high": 9, "question": "What is {a} + {b}? Answer with the number only."}
    defaults: dict[str, object] = {"source": SourceSection(kind="sums", settings=settings), "held_out": 20}
    return ProblemsSection.model_validate(defaults | changes)


def write_lines(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def jsonl_section(path: Path, held_out: int = 2, **settings: object) -> ProblemsSection:
    source_section = SourceSection(kind="jsonl", settings={"path": str(path), **settings})
    return ProblemsSection(source=source_section, held_out=held_out)


def pair(problem_id: str) -> frozenset[str]:
    return frozenset(problem_id.split("+"))


def test_a_sum_is_asked_by_the_template_and_labelled() -> None:
    problems = ProblemSet.from_section(sums_section(template="Please: {question}"), "math", seed=0)
    problem = problems.train.next()
    a, b = map(int, problem.id.split("+"))
    content = f"Please: What is {a} + {b}? Answer with the number only."
    assert problem.messages == ({"role": "user", "content": content},)
    assert (problem.label, problem.verifier, problem.domain) == (str(a + b), "math", "math")


def test_both_orders_of_a_pair_are_on_the_same_side() -> None:
    problems = ProblemSet.from_section(sums_section(), "math", seed=3)
    trained = {problems.train.next().id for _ in range(len(problems.train))}
    assert len(problems.held_out) == 20
    assert not {pair(p.id) for p in problems.held_out} & {pair(i) for i in trained}
    assert 79 <= len(trained) <= 80  # all others, but at most the second order of the last pair


def test_the_seed_decides_the_order_and_the_split_seed_the_split() -> None:
    first, again, other = (ProblemSet.from_section(sums_section(), "math", seed=s) for s in (1, 1, 2))
    assert first.held_out == again.held_out == other.held_out
    order = [first.train.next() for _ in range(200)]
    assert order == [again.train.next() for _ in range(200)]
    assert order != [other.train.next() for _ in range(200)]
    assert first.fingerprint == again.fingerprint == other.fingerprint
    assert ProblemSet.from_section(sums_section(split_seed=1), "math", seed=1).held_out != first.held_out


def test_every_epoch_has_every_problem_once_in_an_order_of_its_own() -> None:
    train = ProblemSet.from_section(sums_section(count=30), "math", seed=0).train
    epochs = [[train.next().id for _ in range(30)] for _ in range(3)]
    assert len({tuple(e) for e in epochs}) == 3
    assert len({frozenset(e) for e in epochs}) == 1
    assert len(set(epochs[0])) == 30


def test_epochs_bound_the_problems() -> None:
    train = ProblemSet.from_section(sums_section(count=5, epochs=2), "math", seed=0).train
    for _ in range(10):
        train.next()
    for _ in range(2):
        with pytest.raises(ProblemsExhausted, match="all 5 problems were used 2 times"):
            train.next()


@given(before=st.integers(0, 40), after=st.integers(1, 40))
def test_a_restored_stream_goes_on_where_it_was(before: int, after: int) -> None:
    def stream() -> ShuffledProblems:
        return ProblemSet.from_section(sums_section(count=15), "math", seed=0).train

    running, restored = stream(), stream()
    for _ in range(before):
        running.next()
    restored.load_state(json.loads(json.dumps(running.state())))
    assert [running.next() for _ in range(after)] == [restored.next() for _ in range(after)]


def test_a_state_of_other_problems_is_refused() -> None:
    first = ProblemSet.from_section(sums_section(), "math", seed=0).train
    other = ProblemSet.from_section(sums_section(count=7), "math", seed=0).train
    with pytest.raises(InputError, match="not those that the checkpoint was made with"):
        other.load_state(first.state())


@given(
    texts=st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=40),
    held_out=st.integers(1, 40),
    seed=st.integers(0, 5),
)
def test_the_sides_never_share_a_question(texts: list[str], held_out: int, seed: int) -> None:
    questions = [Question(str(i), t.upper() if i % 2 else f" {t}", "1") for i, t in enumerate(texts)]
    try:
        kept, train = split_questions(questions, held_out, seed)
    except InputError:
        assert held_out + max(map(texts.count, texts)) > len(texts)
    else:
        assert len(kept) == held_out
        assert train
        assert not {q.side_key for q in kept} & {q.side_key for q in train}


def test_lines_of_json_keep_their_place_as_id(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "apples.jsonl", [*ROWS[:5], "", *ROWS[5:]])
    problems = ProblemSet.from_section(jsonl_section(path, answer_after="####"), "math", seed=0)
    everything = [*problems.held_out, *(problems.train.next() for _ in range(8))]
    labels = {p.id: p.label for p in everything}
    assert labels == {f"apples.jsonl:{n + 1 + (n >= 5)}": str(n + 1) for n in range(10)}


def test_fields_are_mapped_and_relative_paths_start_at_the_base(tmp_path: Path) -> None:
    rows = [{"ask": f"What is {n}?", "gold": [n], "key": n, "level": "easy"} for n in range(4)]
    write_lines(tmp_path / "a.jsonl", rows[:2])
    write_lines(tmp_path / "b.jsonl", rows[2:])
    settings = {
        "path": ["a.jsonl", "b.jsonl"],
        "question": "ask",
        "answer": "gold",
        "id": "key",
        "metadata": ["level"],
    }
    section = ProblemsSection(source=SourceSection(kind="jsonl", settings=settings), held_out=1)
    problems = ProblemSet.from_section(section, "math", seed=0, base_path=tmp_path)
    everything = sorted([*problems.held_out, *(problems.train.next() for _ in range(3))], key=lambda p: p.id)
    assert [(p.id, p.label, p.metadata) for p in everything] == [
        (str(n), [n], {"level": "easy"}) for n in range(4)
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "1 + 1?"}, "no field 'answer'; there are question"),
        ({"question": "1 + 1?", "answer": None}, "a problem without a label: 'answer' is None"),
        ({"question": "1 + 1?", "answer": " "}, "a problem without a label: 'answer' is ' '"),
        ({"question": " ", "answer": "2"}, "must be a text that is not empty"),
        ({"question": ["1 + 1?"], "answer": "2"}, "must be a text that is not empty"),
        ({"question": "\ud800", "answer": "2"}, "a value that JSON cannot hold"),
        ('{"question": "1?", "answer": NaN}', "a value that JSON cannot hold"),
        ("[1, 2]", "a line must be a JSON object, this is a list"),
        ('{"question": ', "not a line of JSON"),
        ('{"question": "n?", "answer": ' + "9" * 5000 + "}", "not a line of JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: object, message: str) -> None:
    path = write_lines(tmp_path / "bad.jsonl", [ROWS[0], row])
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}:2: .*{re.escape(message)}"):
        ProblemSet.from_section(jsonl_section(path), "math", seed=0)


def test_a_label_without_its_mark_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "x.jsonl", [{"question": "1 + 1?", "answer": "2"}])
    with pytest.raises(InputError, match=r"x\.jsonl:1: the answer has no '####'"):
        ProblemSet.from_section(jsonl_section(path, answer_after="####"), "math", seed=0)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"question": "1?", "answer": "1"}\n\xff\n')
    with pytest.raises(InputError, match=r"x\.jsonl:2: not UTF-8 at byte 0"):
        ProblemSet.from_section(jsonl_section(path), "math", seed=0)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none\.jsonl: No such file"):
        ProblemSet.from_section(jsonl_section(tmp_path / "none.jsonl"), "math", seed=0)


def test_ids_are_unique(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "x.jsonl", [{**row, "key": 1} for row in ROWS])
    with pytest.raises(InputError, match="two problems have the id '1'"):
        ProblemSet.from_section(jsonl_section(path, id="key"), "math", seed=0)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("sum", {}, "no source 'sum'; there are functions, hub"),
        ("sums", {"hihg": 3}, "problems.source.settings.hihg: unknown key; did you mean high?"),
        ("sums", {"high": "many"}, "problems.source.settings.high: .*got 'many'"),
        ("sums", {"low": 5, "high": 4}, "needs 1 to 1000 numbers"),
        ("sums", {"question": "What is {a}?"}, "must hold {a} and {b}"),
        ("jsonl", {}, "problems.source.settings.path: missing; jsonl needs it"),
    ],
)
def test_bad_settings_are_explained(kind: str, settings: dict[str, object], message: str) -> None:
    section = ProblemsSection(source=SourceSection(kind=kind, settings=settings))
    with pytest.raises(InputError, match=message):
        ProblemSet.from_section(section, "math", seed=0)


def test_too_few_problems_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"100 problems to hold out, yet the source has only 100 \(55 that differ\)"
    ):
        ProblemSet.from_section(sums_section(held_out=100), "math", seed=0)
    with pytest.raises(InputError, match=r"problems\.count: 90 training problems asked for"):
        ProblemSet.from_section(sums_section(count=90), "math", seed=0)


def test_a_template_without_the_question_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"must hold \{question\}"):
        sums_section(template="Answer!")


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="'sums' is registered already"):
        source("sums", SourceSection)(lambda settings, base_path: ())


def test_a_local_data_set_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "apples"
    folder.mkdir()
    write_lines(folder / "train.jsonl", list(ROWS))
    settings = {"path": "apples", "answer_after": "####"}
    section = ProblemsSection(source=SourceSection(kind="hub", settings=settings), held_out=3)
    problems = ProblemSet.from_section(section, "math", seed=0, base_path=tmp_path)
    labels = {p.id: p.label for p in [*problems.held_out, *(problems.train.next() for _ in range(7))]}
    assert labels == {f"train:{n}": str(n + 1) for n in range(10)}


def test_a_data_set_that_cannot_be_reached_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    section = ProblemsSection(source=SourceSection(kind="hub", settings={"path": "no-such-org/no-such-set"}))
    with pytest.raises(
        InputError, match=r"cannot load the data set 'no-such-org/no-such-set'.*give a local folder"
    ):
        ProblemSet.from_section(section, "math", seed=0)


def test_seeds_differ_in_every_part_and_never_change() -> None:
    assert sample_seed(0, 0, "1+2", 0, 0) == sample_seed(0, 0, "1+2", 0, 0)
    parts = [
        (r, g, p, i, a) for r in (0, 1) for g in (0, 1, 11) for p in ("1+2", "2+1") for i in (0, 1) for a in (0, 1)
    ]
    seeds = {sample_seed(*part) for part in parts}
    assert len(seeds) == len(parts)
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert sample_seed(17, 3, "1+2", 2, 0) == 2545916747729523403
