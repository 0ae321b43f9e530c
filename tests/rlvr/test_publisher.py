"""Publication by NCCL as far as a machine without GPUs can go: what is announced, and in what order it is sent."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

import pytest
import torch

from base_training.config import EngineSection, OptimizerSection
from base_training.engine import TrainEngine
from base_training.models.build import build_model
from rlvr import publisher
from rlvr.learner import LearnerGroup
from rlvr.publisher import NcclPublisher
from rollouts.transfer.nccl import NcclGroup
from tests.rlvr.test_learner import recipe

GROUP = NcclGroup("10.0.0.1", 29600, workers=2)


class Sender:
    """In the place of NCCL's."""

    def __init__(self, group: NcclGroup) -> None:
        self.group = group
        self.sent: list[tuple[str, torch.Tensor]] = []

    def send(self, weights: Iterable[tuple[str, torch.Tensor]]) -> None:
        self.sent += [(name, tensor.clone()) for name, tensor in weights]


@pytest.mark.parametrize("zero_stage", [0, 3])
def test_what_is_announced_is_what_is_sent(monkeypatch: pytest.MonkeyPatch, zero_stage: int) -> None:
    monkeypatch.setattr(publisher, "NcclSender", Sender)
    model = build_model("olmo3-nano", 100, seed=0)
    expected = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    engine = TrainEngine(model, OptimizerSection(), EngineSection(zero_stage=zero_stage), total_steps=1)
    nccl = NcclPublisher(engine)
    nccl.join(GROUP)

    source = nccl.publish(1)
    nccl.send()

    sender = nccl._sender
    assert isinstance(sender, Sender)
    assert sender.group is GROUP
    assert source["names"] == [name for name, _ in sender.sent]
    assert source["shapes"] == [list(tensor.shape) for _, tensor in sender.sent]
    assert set(source["dtype_names"]) == {"float32"}
    for name, tensor in sender.sent:
        torch.testing.assert_close(tensor, expected[name], rtol=0, atol=0, msg=name)
    engine.close()


class Method:
    """A remote method of a rank that notes its calls; each is answered by the test, or at once."""

    def __init__(self, name: str, calls: list[str], answer: Any) -> None:
        self._name, self._calls, self._answer = name, calls, answer

    def remote(self, *arguments: object) -> Any:
        self._calls.append(self._name)
        return self._answer


class Answer:
    """An object reference."""

    def __init__(self, value: Any = None, error: Exception | None = None) -> None:
        self._future: Future[Any] = Future()
        if error is not None:
            self._future.set_exception(error)
        else:
            self._future.set_result(value)

    def future(self) -> Future[Any]:
        return self._future


class Rank:
    """A rank whose sending fails."""

    def __init__(self, calls: list[str]) -> None:
        self.address = Method("address", calls, Answer(("10.0.0.1", 29600)))
        self.join = Method("join", calls, Answer())
        self.publish = Method("publish", calls, Answer({"names": []}))
        self.send = Method("send", calls, Answer(error=ConnectionError("a worker hung up")))


class Fleet:
    """Two workers."""

    size = 2

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def connect(self, init: Any) -> None:
        self.told = [init(0), init(1)]


def test_sending_is_queued_with_the_publication_and_its_failure_is_told() -> None:
    async def run() -> None:
        calls: list[str] = []
        plan = recipe().model_copy(update={"rollouts": recipe().rollouts.model_copy(update={"transfer": "nccl"})})
        learners = LearnerGroup(plan, "a-model", ())
        learners._ranks = [Rank(calls)]
        fleet = Fleet()

        await learners.connect(fleet, 4)  # type: ignore[arg-type]
        update = await learners.publish(1)

        assert calls == ["address", "join", "publish", "send"]
        assert [init["rank_offset"] for init in fleet.told] == [1, 5]
        assert {init["world_size"] for init in fleet.told} == {9}
        assert (update.version, dict(update.source)) == (1, {"names": []})
        with pytest.raises(ConnectionError, match="a worker hung up"):
            await learners.sent()

    asyncio.run(run())
