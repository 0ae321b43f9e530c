"""A model card: where a checkpoint came from, how it was trained, what it was measured at."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from base_training.errors import InputError
from base_training.lineage import Lineage, read_lineage
from rlvr.evaluation.record import Evaluation
from rlvr.series.inventory import Entry
from rlvr.series.outcomes import is_share
from rlvr.series.visible import visible

_SHOWN = (
    "model.name",
    "model.base",
    "problems.source.kind",
    "problems.template",
    "verifier.name",
    "algorithm.advantage",
    "algorithm.loss",
    "algorithm.kl_coefficient",
    "learner.optimizer.lr",
    "buffer.problems_per_step",
    "buffer.max_staleness",
    "rollouts.sampling.samples_per_problem",
    "rollouts.sampling.max_tokens",
    "seed",
)
_USE = """```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
model = AutoModelForCausalLM.from_pretrained("path/to/this/folder")
```"""


def model_card(name: str, entry: Entry, before: Sequence[Evaluation]) -> str:
    """The card as Markdown with its YAML head, as model hubs read it.

    Args:
        name: The run's.
        entry: The checkpoint.
        before: The run's evaluations at its start.

    Raises:
        InputError: The checkpoint's lineage cannot be read.
    """
    lineage = read_lineage(entry.path)
    results = [_result(one) for one in entry.evaluations if one.value is not None]
    head = {
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["rlvr", "reinforcement-learning"],
        "model-index": [{"name": name, "results": results}],
    }
    started = {(one.suite, one.suite_sha256): one for one in before}
    rows = [
        (one.suite, one.metric, _value(started.get((one.suite, one.suite_sha256))), _value(one), str(one.n))
        for one in entry.evaluations
    ]
    settings = [(key, str(value)) for key in _SHOWN if (value := _setting(lineage.recipe, key)) is not None]
    return "\n\n".join(
        [
            f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---",
            f"# {_cell(name)}, step {entry.step}",
            f"A policy after {entry.step} steps of reinforcement learning from verifiable rewards, by rlvr.",
            _USE,
            "## Origin",
            "\n".join(f"{number}. {line}" for number, line in enumerate(_origin(lineage), start=1)),
            "## Training",
            _table(("setting", "value"), settings),
            "## Evaluations",
            _table(("suite", "metric", "before training", "this checkpoint", "n"), rows)
            if rows
            else "None was made of this checkpoint.",
            "Intervals are 95%. Nothing is claimed beyond these suites.\n",
        ]
    )


def _origin(lineage: Lineage) -> list[str]:
    """From the beginning to this checkpoint, one sentence each."""
    stages: list[Lineage] = []
    seen: set[str] = set()
    now: Lineage | None = lineage
    start = ""
    while now is not None:
        stages.insert(0, now)
        if now.parent is None:
            start = "random initialisation"
            break
        start = f"`{_cell(Path(now.parent).name if Path(now.parent).is_absolute() else now.parent)}`"
        if now.parent_sha256:
            start += f" (manifest {now.parent_sha256[:12]})"
        now = _parent(now.parent, seen)
    return [start, *(f"{_cell(stage.stage)}{_data(stage)}" for stage in stages)]


def _parent(parent: str, seen: set[str]) -> Lineage | None:
    if parent in seen or not Path(parent).is_dir():
        return None
    seen.add(parent)
    try:
        return read_lineage(Path(parent))
    except InputError:  # a model from elsewhere: the chain ends with its name
        return None


def _data(stage: Lineage) -> str:
    if not stage.data:
        return ""
    return " on " + ", ".join(f"{_cell(name)} (`{_cell(digest[:12])}`)" for name, digest in stage.data.items())


def _result(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "task": {"type": "text-generation"},
        "dataset": {"name": evaluation.suite, "type": evaluation.suite},
        "metrics": [{"name": evaluation.metric, "type": evaluation.metric, "value": evaluation.value}],
    }


def _value(evaluation: Evaluation | None) -> str:
    if evaluation is None or evaluation.value is None:
        return "–"
    form = "{:.1%}" if is_share(evaluation.metric) else "{:.4g}"
    text = form.format(evaluation.value)
    if evaluation.ci95 is None:
        return text
    low, high = (form.format(end) for end in evaluation.ci95)
    return f"{text} [{low}, {high}]"


def _setting(recipe: Mapping[str, Any], key: str) -> Any:
    value: Any = recipe
    for part in key.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(text: str) -> str:
    """Text that neither ends its cell nor becomes a tag."""
    line = " ".join(visible(text).split("\n"))
    return escape(line, quote=False).replace("|", "\\|").replace("`", "'")
