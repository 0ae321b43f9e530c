"""What metrics.jsonl tells of a step."""

from dataclasses import replace

from rlvr.batching import build_batch
from rlvr.config import AlgorithmSection
from rlvr.step_metrics import step_row
from rollouts.buffer import Taken
from rollouts.config import BufferSection
from rollouts.sample import Group
from tests.rollouts.groups import A_PROBLEM, build_group


def group(group_id: int, domain: str, *scores: float | None) -> Group:
    return build_group(group_id, scores, problem=replace(A_PROBLEM, domain=domain))


def row(taken: Taken, domains: tuple[str, ...]) -> dict[str, object]:
    batch = build_batch(
        taken.groups,
        algorithm=AlgorithmSection(),
        buffer=BufferSection(),
        version=0,
        row_tokens=64,
        ranks=1,
        max_tokens=16,
    )
    return step_row(1, 1, taken, batch, {}, {"step_s": 2.0}, domains=domains, retired=3)


TAKEN = Taken(
    groups=(group(0, "math", 1.0, 0.0), group(1, "code", 1.0, None, 0.0)),
    filtered=(group(2, "math", 1.0, 1.0),),
)


def test_each_domain_of_a_mix_is_reported_on_its_own() -> None:
    told = row(TAKEN, ("math", "code", "general"))
    assert {name: value for name, value in told.items() if name.startswith("domain/")} == {
        "domain/math/reward": 0.75,
        "domain/math/accuracy": 0.75,
        "domain/math/groups": 2.0,
        "domain/math/groups_with_signal": 1.0,
        "domain/code/reward": 0.5,
        "domain/code/accuracy": 0.5,
        "domain/code/groups": 1.0,
        "domain/code/groups_with_signal": 1.0,
        "domain/general/reward": None,
        "domain/general/accuracy": None,
        "domain/general/groups": 0.0,
        "domain/general/groups_with_signal": 0.0,
    }


def test_a_single_domain_is_not_told_twice() -> None:
    told = row(TAKEN, ("math",))
    assert not [name for name in told if name.startswith("domain/")]
    assert (told["reward/mean"], told["groups/trained"], told["groups/filtered"]) == (4 / 6, 2, 1)
    assert (told["problems/retired"], told["time/step_s"]) == (3, 2.0)
