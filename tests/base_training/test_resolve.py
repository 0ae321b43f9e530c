from pathlib import Path

import huggingface_hub.constants
import pytest

from base_training.errors import InputError
from base_training.models.build import load_model, load_tokenizer
from base_training.models.resolve import cache_dir, resolve_model


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


def test_a_preset_is_made_once_for_each_seed(cache: Path) -> None:
    folder = Path(resolve_model("olmo3-nano", seed=1))
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert folder.is_relative_to(cache)
    assert resolve_model("olmo3-nano", seed=1) == str(folder)
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    assert resolve_model("olmo3-nano", seed=2) != str(folder)


def test_a_preset_reads_and_writes_printable_text() -> None:
    folder = resolve_model("olmo3-nano", seed=1)
    tokenizer = load_tokenizer(folder)
    assert len(tokenizer) == load_model(folder).config.vocab_size == 100
    assert tokenizer.decode(tokenizer.encode("What is 3 + 4?\n")) == "What is 3 + 4?\n"


def test_a_folder_is_given_back_as_an_absolute_path(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(resolve_model("olmo3-nano", seed=1))
    monkeypatch.chdir(folder.parent)
    assert resolve_model(folder.name, seed=0) == str(folder)


def test_a_model_that_was_not_fetched_says_how_to() -> None:
    with pytest.raises(InputError, match="Run `rlvr models fetch smollm2-135m`"):
        resolve_model("smollm2-135m", seed=0)


@pytest.mark.parametrize("name", ["olmo3-mega", "/nowhere/model", "./models/mine", "../a", "~/nothing/there"])
def test_what_is_no_model_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="There is no model"):
        resolve_model(name, seed=0)


def test_more_memory_than_the_machine_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: 1)
    with pytest.raises(InputError, match="Random weights for olmo3-32b take 129 GB of memory"):
        resolve_model("olmo3-32b", seed=0)


def test_a_hub_id_in_the_hubs_cache_is_given_back_as_it_is(tmp_path: Path) -> None:
    in_hub_cache(tmp_path, '{"architectures": ["LlamaForCausalLM"]}')
    assert resolve_model("acme/tiny", seed=0) == "acme/tiny"


def test_a_hub_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    in_hub_cache(tmp_path, '{"architectures": ["BertForMaskedLM"]}')
    with pytest.raises(InputError, match="acme/tiny is not a causal language model"):
        resolve_model("acme/tiny", seed=0)


def in_hub_cache(tmp_path: Path, config: str) -> None:
    repository = tmp_path / "hub" / "models--acme--tiny"
    (repository / "snapshots" / "0a1b").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0a1b")
    (repository / "snapshots" / "0a1b" / "config.json").write_text(config)


def test_a_hub_id_without_the_hub_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="neither a local folder nor in the hub's cache"):
        resolve_model("acme/other", seed=0)


def test_the_cache_is_in_the_home_folder_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLVR_CACHE", "/elsewhere")
    assert cache_dir() == Path("/elsewhere")
    monkeypatch.delenv("RLVR_CACHE")
    assert cache_dir() == Path.home() / ".cache" / "rlvr"
