"""One DeepSpeed rank: gradients, optimizer steps, full weights, and optimizer state on disk.

Losses are *sums*: gradients are those of the sum of the losses of all micro-batches of all ranks, whatever the
number of ranks and the ZeRO stage. Who wants a mean divides by the number over all ranks beforehand.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from base_training.config import EngineSection, OptimizerSection
from base_training.distributed import import_deepspeed, join_process_group
from base_training.errors import InputError
from base_training.schedules import lr_multiplier

Batch = TypeVar("Batch")
Loss = Callable[[nn.Module, Batch], tuple[Tensor, Mapping[str, Tensor]]]

_TAG = "state"
_GATHERED_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """What one optimizer step did.

    Attributes:
        grad_norm: Norm of the whole gradient, over all ranks, before clipping.
        lr: The learning rate.
    """

    grad_norm: float
    lr: float


class TrainEngine:
    """A model on one rank of the process group that the environment names (RANK, WORLD_SIZE, MASTER_ADDR and
    MASTER_PORT; without RANK a group of one)."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: OptimizerSection,
        engine: EngineSection,
        total_steps: int,
        timeout_s: float = 600.0,
    ) -> None:
        """
        Args:
            model: In the dtype it is trained in; bfloat16 keeps float32 master weights. All ranks give equal ones.
            optimizer: AdamW's settings, schedule and clipping.
            engine: ZeRO stage, threads, gradient checkpointing.
            total_steps: Optimizer steps of the whole run, for the schedule.
            timeout_s: Longest wait for the other ranks.

        Raises:
            TimeoutError: The other ranks did not come in time.
        """
        torch.set_num_threads(engine.threads)
        self.rank, self.ranks = join_process_group(timeout_s)
        self.model = model
        self._section = optimizer
        self._total_steps = total_steps
        self._steps = 0
        self._stage = engine.zero_stage
        if engine.gradient_checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})  # type: ignore[operator]
        half = next(model.parameters()).dtype == torch.bfloat16
        self._clips = engine.zero_stage == 0 and not half
        self._engine, *_ = import_deepspeed().initialize(
            model=_Called(model),
            optimizer=torch.optim.AdamW(
                _parameter_groups(model, optimizer.weight_decay),
                lr=optimizer.lr,
                betas=optimizer.betas,
                eps=optimizer.eps,
                fused=True,
            ),
            config=_config(engine.zero_stage, half, 0.0 if self._clips else optimizer.max_grad_norm),
            dist_init_required=False,
        )
        if self.ranks == 1 and engine.zero_stage == 0:
            # Alone there is nothing to reduce, and the copies into buckets and back would still be made.
            self._engine.enable_backward_allreduce = False
        self._engine.train()

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        device: torch.device = self._engine.device
        return device

    @property
    def steps(self) -> int:
        """Optimizer steps taken, those before a ``load`` included."""
        return self._steps

    def forward_backward(self, batches: Sequence[Batch], loss: Loss[Batch]) -> list[dict[str, float]]:
        """Compute the gradient of the summed losses; it is complete with this call, and ``step`` follows.

        Args:
            batches: Micro-batches of this rank; at least one, and equally many on every rank.
            loss: Gets model and micro-batch; gives a scalar, and numbers to report.

        Returns:
            For each micro-batch its numbers, with its ``loss``.
        """
        reports: list[dict[str, Tensor]] = []
        for number, batch in enumerate(batches, 1):
            self._engine.set_gradient_accumulation_boundary(number == len(batches))
            value, numbers = self._engine(loss, batch)
            # DeepSpeed averages over ranks.
            self._engine.backward(value * self.ranks, scale_wrt_gas=False)
            reports.append({"loss": value.detach(), **numbers})
        return [{name: float(number) for name, number in report.items()} for report in reports]

    def infer(self, batches: Sequence[Batch], function: Callable[[nn.Module, Batch], Tensor]) -> list[Tensor]:
        """Apply a function of model and micro-batch without gradients; equally many batches on every rank."""
        with torch.no_grad():
            return [self._engine(function, batch) for batch in batches]

    def step(self) -> StepMetrics:
        """Clip the gradient, take one optimizer step and clear the gradient."""
        lr = self._section.lr * lr_multiplier(self._section, self._steps, self._total_steps)
        for group in self._engine.optimizer.param_groups:
            group["lr"] = lr
        if self._clips:
            norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._section.max_grad_norm)
        self._engine.step()
        self._steps += 1
        return StepMetrics(float(norm if self._clips else self._engine.get_global_grad_norm()), lr)

    def gather_weights(self) -> Iterator[tuple[str, Tensor]]:
        """All weights, in full, one after another.

        Every rank must exhaust the iterator, because sharded weights are gathered from all of them; ranks other
        than 0 get nothing from it.

        Yields:
            Name as in ``model.state_dict()`` (tied weights under their first name) and tensor in the model's
            dtype on its device; it may share the model's memory until the next step.
        """
        for chunk in self._chunks():
            with self._gathered([tensor for _, tensor in chunk]):
                if self.rank == 0:
                    for name, tensor in chunk:
                        yield name, tensor.detach()

    def describe_weights(self) -> list[tuple[str, torch.dtype, tuple[int, ...]]]:
        """Name, dtype and full shape of what ``gather_weights`` yields, in its order, without gathering."""
        return [
            (name, tensor.dtype, tuple(getattr(tensor, "ds_shape", tensor.shape)))
            for chunk in self._chunks()
            for name, tensor in chunk
        ]

    def save(self, folder: Path) -> None:
        """Write optimizer state, master weights and the step count; every rank calls it with the same folder.

        Raises:
            InputError: The disk is full or the folder cannot be written.
        """
        try:
            self._engine.save_checkpoint(str(folder), _TAG, client_state={"steps": self._steps}, save_latest=False)
        except (OSError, RuntimeError) as error:
            raise InputError(f"cannot write the optimizer state to {folder}: {error}") from error

    def load(self, folder: Path) -> None:
        """Go on as if never stopped; ranks and ZeRO stage must be those that saved.

        The files are pickles: load only what an own run wrote and its manifest confirms.

        Raises:
            InputError: There is no state of this layout.
        """
        path, state = None, {}
        if (folder / _TAG).is_dir():
            path, state = self._engine.load_checkpoint(str(folder), _TAG)
        if path is None:
            raise InputError(
                f"{folder} holds no optimizer state for {self.ranks} ranks at ZeRO stage {self._stage}; "
                "go on with the ranks and the stage that it was written with"
            )
        self._steps = state["steps"]

    def close(self) -> None:
        """Free what DeepSpeed holds; the process stays in its group."""
        self._engine.destroy()

    def _chunks(self) -> Iterator[list[tuple[str, Tensor]]]:
        """Distinct weights in the order of the state dict, about 256 MiB at a time."""
        seen: set[int] = set()
        chunk: list[tuple[str, Tensor]] = []
        size = 0
        for name, tensor in self.model.state_dict(keep_vars=True).items():
            if id(tensor) in seen:
                continue
            seen.add(id(tensor))
            chunk.append((name, tensor))
            size += getattr(tensor, "ds_numel", tensor.numel()) * tensor.element_size()
            if size >= _GATHERED_BYTES:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk

    def _gathered(self, tensors: list[Tensor]) -> Any:
        sharded = [tensor for tensor in tensors if hasattr(tensor, "ds_id")]
        return import_deepspeed().zero.GatheredParameters(sharded, enabled=bool(sharded))


class _Called(nn.Module):
    """Runs a function of the model inside DeepSpeed's forward, where its hooks are."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, function: Callable[[nn.Module, Any], Any], batch: Any) -> Any:
        return function(self.model, batch)


def _parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; norms and embeddings don't."""
    embeddings = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decaying = [p for p in trained if p.ndim >= 2 and id(p) not in embeddings]
    rest = [p for p in trained if p.ndim < 2 or id(p) in embeddings]
    groups = [{"params": decaying, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


def _config(stage: int, half: bool, clipping: float) -> dict[str, Any]:
    return {
        # The true numbers of micro-batches vary from step to step; boundaries are set by hand.
        "train_micro_batch_size_per_gpu": 1,
        "gradient_accumulation_steps": 1,
        "gradient_clipping": clipping,
        "bf16": {"enabled": half},
        "zero_optimization": {"stage": stage, "overlap_comm": torch.cuda.is_available()},
        "zero_allow_untested_optimizer": True,
        "zero_force_ds_cpu_optimizer": False,
        "wall_clock_breakdown": False,
        "steps_per_print": None,
    }
