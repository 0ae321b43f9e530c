"""Weights through shared memory, and the messages of the NCCL backend as far as there need be no GPU."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from base_training.errors import InputError
from rollouts.config import RolloutsSection
from rollouts.transfer.nccl import NcclGroup, weights_source
from rollouts.transfer.shared_memory import write_weights


def test_every_type_and_shape_comes_back_to_the_bit(tmp_path: Path) -> None:
    weights = {
        "float32": torch.randn(5, 3),
        "bfloat16": torch.randn(3, 7).bfloat16(),
        "float16": torch.randn(1, 2, 3).half(),
        "int64": torch.arange(4),
        "bool": torch.tensor([True, False, True]),
        "transposed": torch.randn(4, 6).t(),
        "scalar": torch.tensor(3.5),
        "empty": torch.empty(0, 4),
        "parameter": torch.nn.Parameter(torch.randn(2)),
    }
    write_weights(tmp_path / "w.safetensors", weights.items())

    read = load_file(tmp_path / "w.safetensors")
    assert read.keys() == weights.keys()
    for name, tensor in weights.items():
        assert read[name].dtype == tensor.dtype
        assert torch.equal(read[name], tensor), name


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def fails() -> Iterator[tuple[str, torch.Tensor]]:
        yield "a", torch.ones(3)
        raise RuntimeError("a rank died")

    path = tmp_path / "w.safetensors"
    write_weights(path, [("a", torch.zeros(3))])
    with pytest.raises(RuntimeError, match="a rank died"):
        write_weights(path, fails())
    assert list(tmp_path.iterdir()) == [path]
    assert torch.equal(load_file(path)["a"], torch.zeros(3))


def test_no_room_is_one_clear_message(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5 << 20, limits[1]))
    try:
        with pytest.raises(InputError, match=r"Cannot write .*w\.safetensors: the disk is full"):
            write_weights(tmp_path / "w.safetensors", [("a", torch.zeros(1 << 20))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())


def test_the_nccl_backend_takes_our_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHDYNAMO_DISABLE", "1")
    from vllm.distributed.weight_transfer.nccl_engine import NCCLWeightTransferEngine

    from rollouts.arguments import engine_arguments

    arguments = engine_arguments("a-model", "float32", RolloutsSection(transfer="nccl"))
    assert arguments.weight_transfer_config.backend == "nccl"
    assert arguments.worker_extension_cls == ""

    group = NcclGroup("10.0.0.1", 29600, workers=2, gpus_per_worker=4)
    engine = NCCLWeightTransferEngine.__new__(NCCLWeightTransferEngine)
    infos = [engine.parse_init_info(group.worker_init(worker)) for worker in range(2)]
    ranks = [info.rank_offset + gpu for info in infos for gpu in range(4)]
    assert ranks == list(range(1, group.world_size)), "the learner is rank 0, and every GPU has a rank of its own"
    assert all(info.packed and info.world_size == 9 for info in infos)

    update = engine.parse_update_info(weights_source([("lm_head.weight", torch.bfloat16, (8, 4))]))
    assert (update.names, update.dtype_names, update.shapes) == (["lm_head.weight"], ["bfloat16"], [[8, 4]])


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("max_num_seqs", r"is set by rollouts\.max_running: set that instead"),
        ("enforce_eagr", r"is no engine argument of vLLM; did you mean enforce_eager\?"),
    ],
)
def test_engine_arguments_are_checked_by_name(argument: str, message: str) -> None:
    from rollouts.arguments import engine_arguments

    with pytest.raises(InputError, match=message):
        engine_arguments("a-model", "float32", RolloutsSection(engine_arguments={argument: 1}))


def test_the_processes_of_a_worker_with_several_gpus_are_its_own() -> None:
    from rollouts.arguments import engine_arguments

    assert engine_arguments("a-model", "float32", RolloutsSection()).distributed_executor_backend is None
    several = engine_arguments("a-model", "float32", RolloutsSection(tensor_parallel=4))
    assert (several.tensor_parallel_size, several.distributed_executor_backend) == (4, "mp")
