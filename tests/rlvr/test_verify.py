"""`rlvr verify`, as a user calls it."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from base_training.errors import InputError
from rewards.errors import VerifierError
from rlvr.cli import cli

PLUG_INS = Path(__file__).parents[1] / "rewards" / "plug_ins.py"


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["verify", *map(str, arguments)])


def verify_rows(folder: Path, *lines: object, options: Sequence[str] = ()) -> tuple[Result, list[dict[str, Any]]]:
    """The result and the rows of output for some rows of input; a string stands as it is."""
    source, target = folder / "samples.jsonl", folder / "verdicts.jsonl"
    source.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    result = verify("--input", source, "--output", target, *options)
    return result, [json.loads(line) for line in target.read_text().splitlines()]


def row(id: object, response: str, label: Any = "42", verifier: str = "math") -> dict[str, Any]:
    return {"id": id, "verifier": verifier, "prompt": "6 * 7 = ?", "response": response, "label": label}


def test_scores_one_response() -> None:
    result = verify("--verifier", "math", "--response", r"It is \boxed{42}.", "--label", "42")
    assert (result.stdout, result.exit_code) == ("score 1 (correct)\n", 0)


def test_a_wrong_response_is_no_error() -> None:
    result = verify("--response", "43", "--label", "42", "--json")
    assert json.loads(result.stdout) == {"score": 0.0, "valid": True, "reason": "wrong", "metrics": {}}
    assert result.exit_code == 0


def test_settings_are_read_as_yaml() -> None:
    arguments = ("--response", "3 + 4 = 7 or so", "--label", "7", "--settings")
    assert verify(*arguments, "extraction=last_integer").stdout == "score 1 (correct)\n"
    assert verify(*arguments, "extraction=[boxed]").stdout == "score 0 (no_answer)\n"


def test_scores_with_a_plug_in() -> None:
    result = verify("--verifier", f"{PLUG_INS}:exact", "--response", "a", "--label", "a")
    assert result.stdout == "score 1 (correct)\n"


def test_scores_with_a_function_of_another_system() -> None:
    target = f"{PLUG_INS.with_name('foreign_functions.py')}:verl_score"
    result = verify("--verifier", target, "--convention", "verl", "--response", "#### 42", "--label", "42")
    assert (result.stdout, result.exit_code) == ("score 1 (scored)\n", 0)


def test_an_invalid_verdict_has_an_exit_code() -> None:
    result = verify("--verifier", f"{PLUG_INS}:misbehaves", "--response", "divide", "--label", "")
    assert result.stdout == "no score (exception: ZeroDivisionError: division by zero)\n"
    assert result.exit_code == 1


def test_scores_a_file_in_order(tmp_path: Path) -> None:
    result, rows = verify_rows(tmp_path, *[row(n, f"{n}", "7") for n in range(600)])
    assert [r["id"] for r in rows] == list(range(600))
    assert [r["id"] for r in rows if r["score"]] == [7]
    assert rows[7] == {"id": 7, "score": 1.0, "valid": True, "reason": "correct", "metrics": {}}
    assert result.exit_code == 0
    assert "600 verdicts" in result.stderr
    assert "0 invalid" in result.stderr


def test_each_row_names_its_verifier(tmp_path: Path) -> None:
    _, rows = verify_rows(
        tmp_path, row("a", "42"), row("b", "42", verifier=f"{PLUG_INS}:exact"), row("c", "", None, "random")
    )
    assert [r["valid"] for r in rows] == [True] * 3
    assert rows[2]["reason"] == "random"


def test_a_plug_in_may_stand_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "polite.py").write_text("def polite(response):\n    return 'please' in response\n")
    _, rows = verify_rows(tmp_path, row(1, "Yes, please.", None, "polite.py:polite"))
    assert rows[0]["score"] == 1.0


@pytest.mark.parametrize(
    ("line", "id", "reason"),
    [
        ("{no json", None, "samples.jsonl line 2: not JSON"),
        ("[1, 2]", None, "samples.jsonl line 2: expected an object, got list"),
        ({"id": 9, "verifier": "math", "label": "1"}, 9, 'line 2: the field "response" is missing'),
        ({"id": 9, "verifier": "math", "response": "1"}, 9, 'line 2: the field "label" is missing'),
        (row(9, "1") | {"response": None}, 9, 'line 2: "response" must be a string, got NoneType'),
        (row(9, "1", verifier="mth"), 9, 'line 2: no verifier is named "mth"; did you mean math'),
        (row(9, "1", verifier=""), 9, 'line 2: no verifier is named ""'),
        (row(9, "1", label=None), 9, "bad label"),
        (row(9, "1") | {"prompt": [5]}, 9, 'line 2: "prompt" must be a text or a list of messages'),
        (row(9, "1") | {"tokens": -1}, 9, 'line 2: "tokens" must be the number of tokens'),
    ],
)
def test_a_bad_row_is_invalid_and_holds_nothing_up(tmp_path: Path, line: object, id: object, reason: str) -> None:
    result, rows = verify_rows(tmp_path, row(1, "42"), line, row(3, "42"))
    assert [r["score"] for r in rows] == [1.0, None, 1.0]
    assert (rows[1]["id"], rows[1]["valid"]) == (id, False)
    assert reason in rows[1]["reason"]
    assert result.exit_code == 1
    assert "1 invalid" in result.stderr


def of_a_group(id: int, response: str, **more: Any) -> dict[str, Any]:
    return row(id, response, "", f"{PLUG_INS}:group") | more


def test_rows_of_a_problem_are_scored_together(tmp_path: Path) -> None:
    """The plug-in gives the share of the others in the group that are shorter."""
    lines = [
        of_a_group(0, "a", prompt="p"),
        of_a_group(1, "aaa", prompt="q"),
        row(2, "42"),
        of_a_group(3, "bb", prompt="p"),
        of_a_group(4, "a", prompt="q"),
        of_a_group(5, "a", prompt="q", label="of another problem"),
        of_a_group(6, "aa", prompt="q", group="g"),
        of_a_group(7, "a", prompt=None, group="g"),
    ]
    result, rows = verify_rows(tmp_path, *lines)
    assert [(r["id"], r["score"]) for r in rows] == [*zip(range(8), [0, 1, 1, 1, 0, 0, 1, 0], strict=True)]
    assert result.exit_code == 0


def test_a_group_may_reach_over_the_whole_file(tmp_path: Path) -> None:
    lines = [of_a_group(n, "x" * (1 + n // 2), group=n % 2) for n in range(600)]
    _, rows = verify_rows(tmp_path, *lines)
    assert [r["score"] for r in rows] == [pytest.approx(n // 2 / 299) for n in range(600)]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([of_a_group(1, "a", prompt=None)], 'samples.jsonl line 1: verifier .* rows need a field "group"'),
        (
            [of_a_group(1, "a", group=1), of_a_group(2, "a", group=1, label="x")],
            "the rows of its group have different labels",
        ),
        ([of_a_group(1, "a"), of_a_group(2, "divide")], "exception: ZeroDivisionError"),
    ],
)
def test_a_group_that_cannot_be_scored_is_invalid(
    tmp_path: Path, lines: list[dict[str, Any]], reason: str
) -> None:
    result, rows = verify_rows(tmp_path, *lines)
    for r in rows:
        assert (r["valid"], r["score"]) == (False, None)
        assert re.search(reason, r["reason"])
    assert result.exit_code == 1


def test_columns_of_a_group_are_those_on_which_its_rows_agree(tmp_path: Path) -> None:
    target = f"{PLUG_INS}:Distinct"
    same = [of_a_group(n, text, verifier=target, bonus=0.5) for n, text in enumerate("ab")]
    other = [of_a_group(n, text, verifier=target, bonus=n) for n, text in enumerate("ab")]
    assert [r["score"] for r in verify_rows(tmp_path, *same)[1]] == [1.5, 1.5]
    assert "bonus is neither a setting nor a column" in verify_rows(tmp_path, *other)[1][0]["reason"]


def test_one_response_is_a_group_of_one() -> None:
    result = verify("--verifier", f"{PLUG_INS}:group", "--response", "a", "--label", "")
    assert (result.stdout, result.exit_code) == ("score 0 (scored)\n", 0)


def test_a_function_of_another_system_may_take_a_group(tmp_path: Path) -> None:
    (tmp_path / "longest.py").write_text(
        "def longest(completions):\n    most = max(map(len, completions))\n"
        "    return [float(len(text) == most) for text in completions]\n"
    )
    lines = [row(n, text, None, "longest.py:longest") for n, text in enumerate(["a", "bb"])]
    options = ("--convention", "trl", "--scope", "group", "--settings", "chat=false")
    result, rows = verify_rows(tmp_path, *lines, options=options)
    assert ([r["score"] for r in rows], result.exit_code) == ([0.0, 1.0], 0)


def test_writes_to_standard_output_by_default(tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").write_text(json.dumps(row(1, "42")))
    result = verify("--input", tmp_path / "samples.jsonl")
    assert json.loads(result.stdout)["score"] == 1.0


def test_tells_the_summary_as_json(tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").write_text("\n".join(json.dumps(row(n, r)) for n, r in enumerate(["42", "1"])))
    result = verify("--input", tmp_path / "samples.jsonl", "--output", tmp_path / "verdicts.jsonl", "--json")
    summary = json.loads(result.stdout)
    assert (summary["rows"], summary["valid"], summary["invalid"], summary["mean_score"]) == (2, 2, 0, 0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--response", "42"], "Give --response and --label, or --input FILE"),
        (["--input", "a", "--response", "42"], "Give either --input, or --response and --label"),
        (["--input", "no/such/file.jsonl"], "there is no such file"),
        (["--response", "42", "--label", ""], "the label is empty"),
        (["--response", "42", "--label", "42", "--verifier", "mth"], "did you mean math"),
        (["--response", "42", "--label", "42", "--settings", "extraction"], "expected key=value"),
        (["--response", "42", "--label", "42", "--settings", "extractoin=auto"], "did you mean extraction"),
    ],
)
def test_what_cannot_be_scored_ends_in_one_clear_message(arguments: list[str], message: str) -> None:
    result = verify(*arguments)
    assert isinstance(result.exception, VerifierError)
    assert message in str(result.exception)


def test_leaves_nothing_behind_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").write_text(json.dumps(row(1, "42")))
    result = verify("--input", tmp_path / "samples.jsonl", "--output", tmp_path / "missing" / "verdicts.jsonl")
    assert isinstance(result.exception, InputError)
    assert [path.name for path in tmp_path.iterdir()] == ["samples.jsonl"]


def test_a_row_may_tell_how_many_tokens_a_response_has(tmp_path: Path) -> None:
    part = {"verifier": "overlong", "label": None, "settings": {"max_length": 8, "buffer": 4, "unit": "tokens"}}
    rows = [row(tokens, "x", [part], "composite") | {"tokens": tokens} for tokens in (4, 6, 9)]
    _, verdicts = verify_rows(tmp_path, *rows, row("untold", "x", [part], "composite"))
    assert [verdict["score"] for verdict in verdicts] == [0.0, -0.5, -1.0, None]
