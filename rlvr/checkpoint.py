"""A checkpoint of a run: a model's folder with all that is needed to go on from it.

step-000050/   config.json, model.safetensors, tokenizer…     loads in transformers and vLLM as it is
               optimizer/                                     DeepSpeed's own
               state.json, buffer.parquet                     counters, cursors, groups not trained on yet
               lineage.json, MANIFEST.json
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from base_training.checkpoints import checkpoint_path
from base_training.errors import InputError
from base_training.lineage import write_lineage
from base_training.run_folder import atomic_folder, write_json, write_manifest
from rewards.problem import Problem
from rlvr.actors import Actors
from rlvr.run_folder import RunFolder
from rollouts.buffer_state import Admitted, BufferState
from rollouts.log import read_groups, write_groups

STATE = "state.json"
BUFFER = "buffer.parquet"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a run goes on from, beside weights and optimizer.

    Attributes:
        step: Training steps done.
        buffer: Counters, groups not trained on, groups to be issued again.
        problems: The cursor of the training problems.
        times: Seconds and tokens so far, as the clock counts them.
        journal: What the summary needs of the steps so far.
    """

    step: int
    buffer: BufferState
    problems: Mapping[str, Any]
    times: Mapping[str, float]
    journal: Mapping[str, Any]


async def write_checkpoint(folder: RunFolder, actors: Actors, checkpoint: Checkpoint) -> None:
    """Write a whole checkpoint or none, and drop the oldest ones that the recipe does not keep.

    Raises:
        InputError: The disk is full or the folder cannot be written.
        TimeoutError: A learner rank did not save in time.
    """
    buffer = checkpoint.buffer
    path = checkpoint_path(folder.path, checkpoint.step)
    with atomic_folder(path) as temporary:
        await actors.learners.save(temporary)
        write_groups(temporary / BUFFER, buffer.finished)
        state = {
            "step": checkpoint.step,
            "buffer": {
                "next_group_id": buffer.next_group_id,
                "version": buffer.version,
                "ledger": buffer.ledger,
                "in_flight": [asdict(admitted) for admitted in buffer.in_flight],
            },
            "problems": dict(checkpoint.problems),
            "times": dict(checkpoint.times),
            "journal": dict(checkpoint.journal),
        }
        write_json(temporary / STATE, state)
        write_lineage(
            temporary,
            parent=actors.model,
            stage="rlvr",
            recipe=folder.recipe.model_dump(mode="json"),
            data={"problems": actors.problems.fingerprint},
        )
        write_manifest(temporary)
    folder.keep_checkpoints(folder.recipe.learner.keep_checkpoints)


def read_checkpoint(path: Path) -> Checkpoint:
    """What a checkpoint's folder says, beside weights and optimizer.

    Raises:
        InputError: It is not one that this version wrote.
    """
    try:
        state = json.loads((path / STATE).read_text(encoding="utf-8"))
        buffer = state["buffer"]
        return Checkpoint(
            step=state["step"],
            buffer=BufferState(
                next_group_id=buffer["next_group_id"],
                version=buffer["version"],
                ledger=buffer["ledger"],
                in_flight=tuple(_admitted(row) for row in buffer["in_flight"]),
                finished=tuple(read_groups(path / BUFFER)),
            ),
            problems=state["problems"],
            times=state["times"],
            journal=state["journal"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path / STATE}: not the state of a run that this version can go on from: {error}"
        ) from error


def _admitted(row: Mapping[str, Any]) -> Admitted:
    problem = dict(row["problem"])
    problem["messages"] = tuple(problem["messages"])
    return Admitted(row["group_id"], row["attempt"], Problem(**problem), row["version"])
