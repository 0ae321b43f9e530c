import itertools
import random
import re

import pytest

from base_training.config import DataSection
from base_training.data.arithmetic import STYLES, families
from base_training.data.corpus import Corpus, token_rows
from base_training.data.local_text import LocalText
from base_training.data.source import generator
from base_training.data.split import split_families
from base_training.errors import InputError
from base_training.text.tokenizer import train_tokenizer
from rollouts.config import ProblemsSection, SourceSection
from rollouts.problems import ProblemSet

SUMS = DataSection(generator="arithmetic", settings={"held_out": 100})


def documents(section: DataSection, count: int, part="train", seed=0) -> list[str]:
    return list(itertools.islice(Corpus(section, seed).documents(part), count))


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("steps", {"7+8=15, 4+3+1=08, so 85"}),
        ("direct", {"85"}),
        ("repeat", {"47"}),
        ("slip", {"75", "95"}),
    ],
)
def test_each_style_answers_in_its_own_way(style, answer):
    assert {STYLES[style]((47, 38), random.Random(seed)) for seed in range(20)} == answer


def test_steps_end_in_the_sum_for_all_pairs():
    for a, b in itertools.product(range(100), repeat=2):
        assert re.findall(r"\d+", STYLES["steps"]((a, b), random.Random()))[-1] == str(a + b)


def test_a_guess_says_that_it_is_one():
    assert re.fullmatch(r"maybe \d{2,3}", STYLES["guess"]((47, 38), random.Random(0)))


def test_the_styles_have_their_shares():
    found = documents(DataSection(generator="arithmetic", settings={"styles": {"steps": 3, "guess": 1}}), 4000)
    assert sum("so" in document for document in found) / len(found) == pytest.approx(0.75, abs=0.03)


def test_a_pair_and_its_mirror_are_on_the_same_side():
    held_out, train = split_families(families(10, 30), held_out=50, seed=1)
    assert len(held_out) == 50
    assert not {(b, a) for a, b in held_out} & set(train)
    assert {(b, a) for a, b in train} == set(train)


def test_families_stay_together_and_what_exceeds_is_on_no_side():
    families = [("a", "A"), ("b", "B"), ("c", "C")]
    held_out, train = split_families(families, held_out=3, seed=0)
    assert len(held_out) == 3
    assert len(train) == 2
    assert {name.lower() for name in held_out}.isdisjoint(name.lower() for name in train)


def test_no_training_document_asks_what_a_run_holds_out():
    section = ProblemsSection(
        source=SourceSection(kind="sums", settings={"low": 10, "high": 99, "question": "{a}+{b}=?"}),
        template="Q: {question}\nA:",
        chat=False,
        held_out=100,
    )
    held_out = {problem.messages[0]["content"] for problem in ProblemSet.from_section(section, "math", 0).held_out}

    asked = {document.partition("A:")[0] + "A:" for document in documents(SUMS, 20_000)}
    measured = {document.partition("A:")[0] + "A:" for document in documents(SUMS, 2_000, "held_out")}

    assert not asked & held_out
    assert measured == held_out


def test_a_corpus_is_the_same_for_the_same_seed():
    assert documents(SUMS, 50, seed=3) == documents(SUMS, 50, seed=3)
    assert documents(SUMS, 50, seed=3) != documents(SUMS, 50, seed=4)


def test_text_keeps_its_share_of_characters(tmp_path):
    (tmp_path / "a.txt").write_text("a line of words\n" * 200)
    section = SUMS.model_copy(update={"text": (str(tmp_path),), "text_share": 0.3, "text_characters": 50})
    found = documents(section, 3000)
    text = sum(len(document) for document in found if "words" in document)
    assert text / sum(map(len, found)) == pytest.approx(0.3, abs=0.01)


def test_text_is_cut_at_lines_and_every_twentieth_piece_is_held_out(tmp_path):
    file = tmp_path / "lines.txt"
    file.write_text("".join(f"line {number:03d}\n" for number in range(120)))
    source = LocalText([str(file)], characters=30)
    held_out = {source.document("held_out", random.Random(seed)) for seed in range(50)}
    train = {source.document("train", random.Random(seed)) for seed in range(500)}
    assert held_out == {
        "line 000\nline 001\nline 002\n",
        "line 060\nline 061\nline 062\n",
    }
    assert len(train) == 38
    assert not train & held_out


def test_the_standard_library_is_text_of_every_machine():
    source = LocalText(["stdlib"], characters=200)
    assert 0 < len(source.document("train", random.Random(0))) <= 200


def test_fingerprints_follow_the_data(tmp_path):
    file = tmp_path / "a.txt"
    section = SUMS.model_copy(update={"text": (str(file),), "text_share": 0.1})
    file.write_text("one\n" * 500)
    before = Corpus(section, 0).fingerprints
    assert Corpus(section, 0).fingerprints == before
    file.write_text("two\n" * 500)
    after = Corpus(section, 0).fingerprints
    assert after["arithmetic"] == before["arithmetic"]
    assert after["text"] != before["text"]


def test_rows_are_the_documents_one_after_another():
    tokenizer = train_tokenizer("character", (), 100)
    batches = list(token_rows(["abc", "de", "f", "ghi"], tokenizer, rows=2, length=3))
    assert [batch.shape for batch in batches] == [(2, 3), (2, 3)]
    stream = tokenizer.decode([int(token) for batch in batches for token in batch.flat])
    assert stream == "abc<|endoftext|>de<|endoftext|>f<|endoftext|>ghi"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (DataSection(), "nothing to learn from"),
        (DataSection(generator="poetry"), "no generator 'poetry'"),
        (DataSection(generator="arithmetic", settings={"hihg": 3}), "did you mean high"),
        (DataSection(generator="arithmetic", settings={"styles": {"shout": 1.0}}), "no style shout"),
        (DataSection(generator="arithmetic", settings={"low": 10, "high": 11, "held_out": 4}), "leave none"),
        (DataSection(generator="arithmetic", text_share=0.1), "there is no text"),
        (DataSection(text=("no/such/place",)), "no file or folder"),
    ],
)
def test_a_corpus_that_cannot_be_is_refused(section, message):
    with pytest.raises(InputError, match=message):
        Corpus(section, 0)


def test_a_generator_has_one_name():
    with pytest.raises(ValueError, match="registered already"):
        generator("arithmetic", DataSection)
