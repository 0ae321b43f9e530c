"""A recipe that runs in seconds: a random nano model that is rewarded for digits."""

import json
from pathlib import Path
from typing import Any

import yaml

VERIFIER = '''
def digits(response, label):
    """The share of a response's characters that are digits."""
    return sum(character.isdigit() for character in response) / max(1, len(response))
'''


def small_recipe(folder: Path, **changes: Any) -> Path:
    """Write the recipe and its verifier into a folder.

    Args:
        folder: Where to.
        changes: Sections to update key by key, or to add.
    """
    recipe: dict[str, Any] = {
        "name": "small",
        "model": "olmo3-nano",
        "problems": {
            "source": {"kind": "sums", "settings": {"low": 0, "high": 9, "question": "{a}+{b}="}},
            "chat": False,
            "held_out": 20,
        },
        "verifier": "digits.py:digits",
        "rollouts": {
            "sampling": {"samples_per_problem": 4, "max_tokens": 12},
            "max_running": 16,
            "max_model_tokens": 32,
            "timeout_s": 120,
        },
        "buffer": {"problems_per_step": 4},
        "learner": {
            "steps": 5,
            "optimizer": {"lr": 1e-3},
            "row_tokens": 128,
            "checkpoint_every": 3,
            "timeout_s": 120,
        },
        "evaluation": {"verifier": "math"},
    }
    for section, keys in changes.items():
        base = recipe.get(section)
        recipe[section] = {**base, **keys} if isinstance(base, dict) and isinstance(keys, dict) else keys
    (folder / "digits.py").write_text(VERIFIER)
    file = folder / "small.yaml"
    file.write_text(yaml.safe_dump(recipe))
    return file


def summary_of(run: Path) -> dict[str, Any]:
    """A run's summary.json, after checking that its samples add up and none is lost."""
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text())
    samples = summary["samples"]
    fates = ("trained", "invalid", "filtered", "stale", "unused", "lost")
    assert samples["generated"] == sum(samples[fate] for fate in fates)
    assert samples["lost"] == 0
    return summary
