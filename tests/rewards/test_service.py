"""The pool as a Ray actor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import ray

from rewards.config import VerifierSection
from rewards.errors import VerifierError
from rewards.request import GroupScoreRequest
from rewards.service import start_reward_service
from tests.rewards.requests import ask

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield
    ray.shutdown()


def test_scores_math_and_plug_ins_with_many_calls_in_flight() -> None:
    math = start_reward_service(VerifierSection(name="math"))
    exact = start_reward_service(VerifierSection(name="plug_ins.py:exact"), FOLDER)
    ray.get([math.ready.remote(), exact.ready.remote()], timeout=60)
    calls = [service.score.remote([ask("42"), ask("43")]) for service in (math, exact) for _ in range(50)]
    answers = ray.get(calls, timeout=60)
    assert [[verdict.score for verdict in verdicts] for verdicts in answers] == [[1.0, 0.0]] * 100
    assert ray.get(math.stats.remote(), timeout=60).scored == 100


def test_answers_when_the_verifier_hangs_or_dies() -> None:
    service = start_reward_service(VerifierSection(name="plug_ins.py:misbehaves", timeout_s=1), FOLDER)
    requests = [ask("loop"), ask("be killed"), ask("divide"), ask("fine")]
    verdicts = ray.get(service.score.remote(requests), timeout=60)
    assert [verdict.valid for verdict in verdicts] == [True, False, False, True]
    assert [verdict.score for verdict in verdicts if verdict.valid] == [0.0, 1.0]
    ray.get(service.close.remote(), timeout=60)


def test_refuses_an_unknown_verifier_before_an_actor_starts() -> None:
    with pytest.raises(VerifierError, match='no verifier is named "mth"'):
        start_reward_service(VerifierSection(name="mth"))


def test_groups_go_to_the_verifier_that_compares_them() -> None:
    section = VerifierSection(name="plug_ins.py:group")
    service = start_reward_service(section, FOLDER, {"exact": VerifierSection(name="plug_ins.py:exact")})
    scopes = [service.scope.remote(name) for name in ("plug_ins.py:group", "exact")]
    assert ray.get(scopes, timeout=60) == ["group", "sample"]
    request = GroupScoreRequest(ask("").problem, ("a", "bbb", "cc"), (1, 2, 3))
    verdicts = ray.get(service.score_group.remote(request), timeout=60)
    assert [verdict.score for verdict in verdicts] == [0.0, 1.0, 0.5]
    ray.get(service.close.remote(), timeout=60)
