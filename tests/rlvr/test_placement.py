"""Placement: what fits is spread over cores and GPUs, what does not is refused before anything starts."""

from collections.abc import Sequence

import pytest

from base_training.errors import InputError
from rlvr.machines import LEARNER, WORKER, Seat, describe_machines, seats_by_machine
from rlvr.placement import ActorResources, plan_placement
from rlvr.recipe import Recipe


def recipe(workers: int = 1, ranks: int = 1, threads: int = 1, tensor_parallel: int = 1) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "small",
            "model": "olmo3-nano",
            "problems": {"source": {"kind": "sums"}},
            "verifier": "math",
            "rollouts": {"workers": workers, "tensor_parallel": tensor_parallel},
            "learner": {"steps": 1, "engine": {"ranks": ranks, "threads": threads}},
        }
    )


def test_each_process_gets_a_core_of_its_own() -> None:
    placement = plan_placement(recipe(), cpus=2, gpus=0, cores=(4, 7))
    assert placement.workers == (ActorResources(1, 0, (4,)),)
    assert placement.learners == (ActorResources(1, 0, (7,)),)


def test_a_rank_gets_a_core_for_every_thread() -> None:
    placement = plan_placement(recipe(workers=2, threads=2), cpus=4, gpus=0, cores=(0, 1, 2, 3))
    assert [worker.cores for worker in placement.workers] == [(0,), (1,)]
    assert placement.learners == (ActorResources(2, 0, (2, 3)),)


def test_a_cluster_of_several_machines_is_not_pinned() -> None:
    placement = plan_placement(recipe(workers=6), cpus=8, gpus=0, cores=(0, 1))
    assert all(worker.cores == () for worker in placement.workers)


def test_workers_and_ranks_take_gpus_where_there_are_any() -> None:
    placement = plan_placement(recipe(workers=3, ranks=2, tensor_parallel=2), cpus=64, gpus=8)
    assert [worker.gpus for worker in placement.workers] == [2, 2, 2]
    assert [rank.gpus for rank in placement.learners] == [1, 1]


@pytest.mark.parametrize(
    ("asked", "cpus", "gpus", "message"),
    [
        ({"workers": 2}, 2, 0, "need 3 cores, there are 2"),
        ({"workers": 7, "ranks": 2}, 64, 8, "need 9 GPUs, the cluster has 8"),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, int], cpus: int, gpus: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_placement(recipe(**asked), cpus=cpus, gpus=gpus)


def test_nccl_without_gpus_is_refused() -> None:
    plan = recipe()
    nccl = plan.model_copy(update={"rollouts": plan.rollouts.model_copy(update={"transfer": "nccl"})})
    with pytest.raises(InputError, match=r"rollouts\.transfer: nccl .* use shared_memory"):
        plan_placement(nccl, cpus=2, gpus=0)


class TestMachines:
    """Which actor can stand where."""

    @staticmethod
    def seats(gpus: Sequence[int], together: bool = False, **asked: int) -> list[list[Seat]]:
        return seats_by_machine(plan_placement(recipe(**asked), cpus=0, gpus=99), gpus, together=together)

    def test_learner_ranks_stand_side_by_side_and_workers_around_them(self) -> None:
        machines = self.seats([4, 4], workers=5, ranks=3)
        assert [[(seat.role, seat.index) for seat in seats] for seats in machines] == [
            [(LEARNER, 0), (LEARNER, 1), (LEARNER, 2), (WORKER, 0)],
            [(WORKER, 1), (WORKER, 2), (WORKER, 3), (WORKER, 4)],
        ]

    def test_machines_that_are_alike_share_a_line(self) -> None:
        machines = self.seats([8] * 9, workers=64, ranks=8)
        assert describe_machines(machines) == ["machine 1: 8 learner ranks", "machines 2-9: 8 rollout workers"]
        few = describe_machines(self.seats([2, 2]))
        assert few == ["machine 1: 1 learner rank, 1 rollout worker", "machine 2: unused"]

    def test_a_worker_of_several_gpus_stands_on_one_machine(self) -> None:
        machines = self.seats([4, 4], workers=1, ranks=2, tensor_parallel=4)
        assert [sum(seat.gpus for seat in seats) for seats in machines] == [2, 4]
        with pytest.raises(InputError, match="4 GPUs free for rollout worker 1: 10 GPUs are needed in all"):
            self.seats([3, 4, 3], workers=2, ranks=2, tensor_parallel=4)

    def test_what_shares_memory_stands_on_the_largest_machine(self) -> None:
        machines = self.seats([2, 4], together=True, workers=2, ranks=2)
        assert [len(seats) for seats in machines] == [0, 4]
        with pytest.raises(
            InputError, match=r"needs 5 GPUs, and the largest machine has 4; .*nccl can use several"
        ):
            self.seats([2, 4], together=True, workers=3, ranks=2)
