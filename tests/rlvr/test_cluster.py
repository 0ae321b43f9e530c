"""Reservations on a simulated cluster of two machines with four GPUs each."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
import ray
from ray.cluster_utils import Cluster

from base_training.errors import InputError
from rlvr.cluster import Resources, cluster, gpus_by_machine, reserved
from rlvr.config import ClusterSection
from rlvr.dry_run import Gpus, dry_run
from rlvr.machines import describe_machines, seats_by_machine
from rlvr.placement import ActorResources, Placement, plan_placement
from rlvr.recipe import Recipe


class Place:
    """Tells where it is."""

    def where(self) -> tuple[str, list[int]]:
        return ray.get_runtime_context().get_node_id(), ray.get_gpu_ids()


@pytest.fixture(scope="module")
def joined() -> Iterator[Resources]:
    machine = {"num_cpus": 8, "num_gpus": 4, "object_store_memory": 80 << 20}
    simulated = Cluster(initialize_head=True, head_node_args=machine)
    try:
        simulated.add_node(**machine)
        with cluster(ClusterSection(address=simulated.address)) as resources:
            yield resources
    finally:
        simulated.shutdown()


def places(placement: Placement) -> list[tuple[str, list[int]]]:
    """Start an actor for each worker and rank; the machine and the GPUs of each."""
    actors = [
        ray.remote(Place)
        .options(num_cpus=one.cpus, num_gpus=one.gpus, scheduling_strategy=one.scheduling)
        .remote()
        for one in (*placement.workers, *placement.learners)
    ]
    found = ray.get([actor.where.remote() for actor in actors], timeout=60)
    for actor in actors:
        ray.kill(actor)
    return found


def test_a_cluster_of_several_machines_is_joined_and_never_pinned(joined: Resources) -> None:
    assert joined == Resources(cpus=16, gpus=8, cores=())


def reserve(placement: Placement, *, together: bool, timeout_s: float = 20) -> list[tuple[str, list[int]]]:
    """Where actors come to be that start in the reserved places."""

    async def run() -> list[tuple[str, list[int]]]:
        async with reserved(placement, together=together, timeout_s=timeout_s) as placed:
            return places(placed)

    return asyncio.run(run())


def test_actors_that_share_memory_are_on_one_machine(joined: Resources) -> None:
    found = reserve(Placement((ActorResources(1, 2),), (ActorResources(1, 1),) * 2), together=True)

    assert len({machine for machine, _ in found}) == 1
    assert sorted(gpu for _, gpus in found for gpu in gpus) == [0, 1, 2, 3]
    assert [len(gpus) for _, gpus in found] == [2, 1, 1]


def test_nccl_may_use_several_machines(joined: Resources) -> None:
    found = reserve(Placement((ActorResources(1, 2),) * 2, (ActorResources(1, 1),) * 4), together=False)

    used = [(machine, gpu) for machine, gpus in found for gpu in gpus]
    assert len(set(used)) == len(used) == 8


def test_what_fits_on_no_single_machine_is_refused_and_frees_what_it_held(joined: Resources) -> None:
    plan = Placement((ActorResources(1, 2),) * 2, (ActorResources(1, 1),))
    with pytest.raises(InputError, match="no single machine of the cluster has 3 cores and 5 GPUs free"):
        reserve(plan, together=True, timeout_s=2)

    assert len(reserve(plan, together=False)) == 3


def test_the_machines_of_the_cluster_are_told_with_their_gpus(joined: Resources) -> None:
    assert gpus_by_machine() == (4, 4)


def planned(workers: int) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "planned",
            "model": "olmo3-nano",
            "problems": {"source": {"kind": "sums"}},
            "verifier": "math",
            "rollouts": {"workers": workers, "transfer": "nccl"},
            "learner": {"steps": 1, "engine": {"ranks": 3}},
            "cluster": {"address": "auto"},
        }
    )


def test_a_dry_run_plans_for_the_machines_that_ray_reports(joined: Resources) -> None:
    plan = dry_run(planned(workers=5), Gpus())
    assert describe_machines(plan.machines) == [
        "machine 1: 3 learner ranks, 1 rollout worker",
        "machine 2: 4 rollout workers",
    ]
    assert plan.notes == []
    with pytest.raises(InputError, match="need 9 GPUs, the cluster has 8"):
        dry_run(planned(workers=6), Gpus())


def test_what_is_planned_can_be_placed(joined: Resources) -> None:
    plan = plan_placement(planned(workers=5), joined.cpus, joined.gpus)
    seats = seats_by_machine(plan, gpus_by_machine(), together=False)
    found = reserve(plan, together=False)
    used = [(machine, gpu) for machine, gpus in found for gpu in gpus]
    assert sorted(map(len, seats)) == sorted(Counter(machine for machine, _ in used).values())
    assert len(set(used)) == 8
