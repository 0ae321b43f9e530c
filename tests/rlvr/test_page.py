"""The page of a comparison: everything that a model said is text."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlvr.series.compare import Comparison, compare, write_comparison
from rlvr.series.page import page
from rlvr.series.visible import HEAD, MOST, response_html, visible
from tests.rlvr.synthetic_runs import drawn_evaluation, write_run

HOSTILE = (
    "</pre></details><script>document.title='hacked'</script>",
    "<img src=x onerror=\"document.title='hacked'\"> ]]> --> &amp; &lt;b&gt;",
    "bell \x07 escape \x1b[31m null \x00 return \r end",
    "user\u202egnp.exe\u202c \u2066isolated\u2069 zero\u200bwidth",
    "x" * 100_000,
)
LONG = len(HOSTILE) - 1


class Parsed(HTMLParser):
    """The elements of a page, their attributes, and the text outside of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data
        else:
            self.text += data


def write_hostile_runs(folder: Path) -> list[Path]:
    """Two runs whose models do what they can to get out of the page."""
    folder.mkdir()
    runs = []
    for name, verifier, last in (("<b>bold & $title", "math", 0.9), ("${x}'\"quoted", "random", 0.3)):
        told = []
        for step, share in ((0, 0.3), (60, last)):
            right = np.arange(300) / 300 < share
            told.append(drawn_evaluation(step, right, respond=lambda p, _right: HOSTILE[p % len(HOSTILE)]))
        runs.append(write_run(folder / name, verifier=verifier, evaluations=told))
    return runs


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return compare(write_hostile_runs(tmp_path_factory.mktemp("hostile") / "runs"))


@pytest.fixture(scope="module")
def hostile_page(hostile: Comparison) -> str:
    return page(hostile)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext ü 漢 😀 שלום", "plain\n\ttext ü 漢 😀 שלום"),
        ("a\x00\x1b\r\x7fb", "a⟨U+0000⟩⟨U+001B⟩⟨U+000D⟩⟨U+007F⟩b"),
        ("\u202egnp\u2069", "⟨U+202E⟩gnp⟨U+2069⟩"),
        ("zero\u200bwidth\ufeff\u00ad", "zero⟨U+200B⟩width⟨U+FEFF⟩⟨U+00AD⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\x85\u2028", "⟨U+0085⟩⟨U+2028⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
    ],
)
def test_what_hides_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_short_response_is_shown_whole() -> None:
    assert response_html("1 < 2") == "<pre>1 &lt; 2</pre>"


@pytest.mark.parametrize("length", [HEAD + 1, 100_000, MOST + 7])
def test_a_long_response_unfolds(length: int) -> None:
    parsed = Parsed(response_html("y" * length))
    assert parsed.tags[:4] == ["pre", "details", "summary", "pre"]
    assert parsed.text.count("y") == min(length, MOST)
    assert f"{min(length, MOST) - HEAD:,} more characters" in parsed.text
    assert ("7 further characters" in parsed.text) is (length > MOST)


def test_the_page_has_no_other_scripts_than_its_own(hostile_page: str) -> None:
    parsed = Parsed(hostile_page)
    assert parsed.tags.count("script") == 3
    assert not {"img", "b>bold", "iframe", "link", "object"} & set(parsed.tags)
    assert not [name for name in parsed.attributes if name.startswith("on") or name in ("src", "href")]
    data, plotly, own = parsed.scripts
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in (plotly, own)]
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', hostile_page)
    assert policy is not None
    assert policy[1] == (
        f"default-src 'none'; script-src 'sha256-{digests[0]}' 'sha256-{digests[1]}'; "
        "style-src 'unsafe-inline'; img-src data: blob:"
    )
    assert json.loads(data)["figures"][0]["lines"][0]["x"]["step"] == [0.0, 60.0]


def test_what_models_say_stands_as_text(hostile_page: str) -> None:
    text = Parsed(hostile_page).text
    for response in HOSTILE[:LONG]:
        assert visible(response) in text
    assert "99,400 more characters" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", hostile_page.split("<script")[0])


def test_names_stand_as_text(hostile_page: str) -> None:
    text = Parsed(hostile_page).text
    assert "<b>bold & $title is better than ${x}'\"quoted on held_out by 60.0 points" in text


def test_verdicts_are_marked(hostile_page: str) -> None:
    kinds = re.findall(r'class="card verdict (\w+)"', hostile_page)
    assert kinds == ["better", "up", "none"]


# In a browser.

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.is_file():
        pytest.skip("there is no /usr/bin/chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def written(hostile: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_comparison(hostile, tmp_path_factory.mktemp("page"))


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_a_browser_shows_it(browser: Any, written: Path, width: int, height: int) -> None:
    """No error, no request, every plot drawn, nothing wider than the screen, and no script but its own."""
    opened = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    requests: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto(written.as_uri())
    opened.wait_for_selector("html[data-drawn]")
    figures = len(json.loads((written.parent / "compare.json").read_text())["curves"])
    assert opened.locator(".plot .main-svg").count() >= figures
    assert opened.locator(".plot .scatterlayer path.js-line").count() >= figures
    assert problems == []
    assert requests == [written.as_uri()]
    for summary in opened.locator("details > summary").all():
        if summary.is_visible():
            summary.click()
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert "hacked" not in opened.title()
    assert opened.locator("pre script, pre img").count() == 0
    assert "<script>document.title='hacked'</script>" in opened.inner_text("body")
    opened.get_by_role("button", name="tokens").click()
    assert opened.evaluate("document.documentElement.dataset.drawn") == f"{figures} by tokens"
    assert "sampled tokens" in opened.inner_text("#plot-0")
    assert problems == []
    opened.close()


def test_a_script_that_got_in_would_not_run(browser: Any, written: Path, tmp_path: Path) -> None:
    """Where escaping failed, the policy would still hold."""
    broken = tmp_path / "broken.html"
    text = written.read_text()
    broken.write_text(
        text.replace("<h2>Verdicts</h2>", "<script>document.title='hacked'</script><h2>Verdicts</h2>")
    )
    opened = browser.new_page()
    opened.goto(broken.as_uri())
    opened.wait_for_selector("html[data-drawn]")
    assert "hacked" not in opened.title()
    opened.close()
