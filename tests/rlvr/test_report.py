"""The page and the pictures of a run."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from base_training.errors import InputError
from base_training.run_folder import write_json
from rlvr.events import Evaluated
from rlvr.metrics import MetricsLog
from rlvr.plots import accuracy_png, reward_png, running_mean
from rlvr.report import write_report
from tests.rlvr.test_summary import build_summary

HOSTILE = '<script>alert("$1")</script> $\\frac{'


class Tags(HTMLParser):
    """Which elements a page has, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def write_run(run: Path, steps: int = 16, evaluations: int = 3, model: str = "smollm2-135m") -> Path:
    run.mkdir()
    log = MetricsLog(run)
    for step in range(1, steps + 1):
        log.append({"step": step, "reward/mean": 0.05 * step if step != 3 else float("nan")})
    log.close()
    write_json(run / "summary.json", build_summary(model=model, evaluations=evaluations).as_dict())
    return run


def test_the_report_is_a_page_and_two_pictures(tmp_path: Path) -> None:
    page = write_report(write_run(tmp_path / "quickstart"))
    assert page == tmp_path / "quickstart" / "report" / "index.html"
    assert sorted(file.name for file in page.parent.iterdir()) == ["accuracy.png", "index.html", "reward.png"]
    text = page.read_text()
    assert "<title>quickstart</title>" in text
    assert "+50.0 points" in text
    embedded = [base64.b64decode(code) for code in re.findall(r"base64,([^\"]+)", text)]
    assert embedded == [(page.parent / name).read_bytes() for name in ("accuracy.png", "reward.png")]
    assert not re.search(r"(src|href)=\"(?!data:)", text), "the page needs nothing beside itself"


def test_names_are_text_and_nothing_else(tmp_path: Path) -> None:
    run = write_run(tmp_path / "<b>run & $title", model=HOSTILE)
    hostile = Evaluated(0, HOSTILE, "$x_", 0.5, (0.4, 0.6), 10)
    summary = replace(build_summary(model=HOSTILE), evaluations=(hostile, replace(hostile, step=3)))
    write_json(run / "summary.json", summary.as_dict())
    read = Tags(write_report(run).read_text())
    assert not {"script", "b>run"} & set(read.tags)
    assert HOSTILE in read.text
    assert "<b>run & $title" in read.text


@pytest.mark.parametrize(("steps", "evaluations"), [(0, 0), (1, 1), (400, 40)])
def test_runs_of_any_length_have_a_report(tmp_path: Path, steps: int, evaluations: int) -> None:
    page = write_report(write_run(tmp_path / "run", steps, evaluations))
    for name in ("accuracy.png", "reward.png"):
        assert Image.open(page.parent / name).size == (1080, 510)


def test_a_better_run_is_drawn_higher() -> None:
    def darkest_row(png: bytes) -> int:
        picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
        blue = (picture[..., 2] - picture[..., 0]) > 150
        return int(np.nonzero(blue[:, 700:])[0].mean())

    rows = [{"step": step, "reward/mean": reward} for step, reward in enumerate([0.0, 1.0] + [0.2] * 8, start=1)]
    better = [{**row, "reward/mean": 0.8} if row["step"] > 2 else row for row in rows]
    assert darkest_row(reward_png(better)) < darkest_row(reward_png(rows))


def test_the_same_run_gives_the_same_picture() -> None:
    evaluations = build_summary().as_dict()["evaluations"]
    assert accuracy_png(evaluations) == accuracy_png(evaluations)


def test_a_running_mean_starts_with_what_there_is() -> None:
    assert running_mean(np.array([1.0, 3.0, 5.0, 7.0]), 2).tolist() == [1.0, 2.0, 4.0, 6.0]


def test_a_run_without_a_summary_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"summary\.json: cannot be read as a summary"):
        write_report(tmp_path)
