"""The shipped recipes of Olmo 3 7B RL-Zero hold the published values, and are planned without a network."""

import json
import subprocess
import sys

import pytest

from rlvr.recipe import Recipe, load_recipe

DOMAINS = ("math", "code", "instructions", "general", "mix")
SETS = {"math": "Math", "code": "Code", "instructions": "IF", "general": "General"}


def load(domain: str) -> Recipe:
    recipe = load_recipe(f"rl_zero/{domain}-olmo3-7b")
    assert isinstance(recipe, Recipe)
    return recipe


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_the_report_says_of_all_domains(domain: str) -> None:
    recipe = load(domain)
    assert recipe.name == f"{domain}-olmo3-7b"
    assert (recipe.model.name, recipe.model.dtype) == ("allenai/Olmo-3-1025-7B", "bfloat16")
    assert (recipe.learner.steps, recipe.learner.optimizer.lr, recipe.learner.optimizer.schedule) == (
        2000,
        1e-6,
        "constant",
    )
    assert (recipe.learner.engine.ranks, recipe.rollouts.workers) == (8, 64)
    assert (recipe.buffer.problems_per_step, recipe.rollouts.sampling.samples_per_problem) == (32, 8)
    assert recipe.buffer.max_staleness == 8
    assert (recipe.problems.max_prompt_tokens, recipe.rollouts.sampling.max_tokens) == (2048, 16384)
    assert (recipe.learner.row_tokens, recipe.rollouts.max_model_tokens) == (18432, 18432)
    assert recipe.rollouts.sampling.temperature == 1.0
    assert (recipe.learner.engine.zero_stage, recipe.rollouts.transfer) == (3, "nccl")
    assert recipe.problems.chat is False


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_algorithm_is_the_reports(domain: str) -> None:
    recipe = load(domain)
    algorithm = recipe.algorithm
    assert (algorithm.kl_coefficient, algorithm.advantage, algorithm.normalisation) == (0.0, "group_mean", "token")
    assert (algorithm.clip_low, algorithm.clip_high) == (0.2, 0.272)
    assert (algorithm.importance, algorithm.importance_cap) == ("truncated", 2.0)
    assert algorithm.mask_truncated == (domain != "math")
    assert recipe.buffer.filter_no_signal
    assert recipe.problems.retire_at == 0.875


def test_each_domain_has_its_data_and_its_template() -> None:
    for domain, name in SETS.items():
        (part,) = load(domain).problems.parts
        assert (part.domain, part.source.settings["path"]) == (domain, f"allenai/Dolci-RLZero-{name}-7B")
    assert "Answer: your answer" in load("math").problems.template
    assert "```python" in load("code").problems.template


def test_the_mix_gives_every_domain_a_quarter_and_scores_it_as_alone() -> None:
    mix = load("mix")
    assert [(part.domain, part.weight, part.held_out) for part in mix.problems.parts] == [
        (domain, 1.0, 128) for domain in SETS
    ]
    for part in mix.problems.parts:
        (alone,) = load(part.domain).problems.parts
        assert (part.source, part.template) == (alone.source, alone.template)
        (verifier,) = load(part.domain).verifier.by_name.values()
        assert verifier.model_dump(exclude={"by_domain"}) == mix.verifier.by_domain[part.domain].model_dump()


def plan(domain: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A dry run in a process that cannot open a connection."""
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('asked the network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from rlvr.cli import app\n"
        "app()\n"
    )
    command = [sys.executable, "-c", code, "launch", f"rl_zero/{domain}-olmo3-7b", "--dry-run", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_seventy_two_gpus_are_planned_without_a_network() -> None:
    done = plan("math", "--gpus", "72", "--gpu-memory", "80", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    machines = told["placement"]["machines"]
    assert [len(seats) for seats in machines] == [8] * 9
    assert {seat["role"] for seat in machines[0]} == {"learner rank"}
    assert {seat["role"] for seats in machines[1:] for seat in seats} == {"rollout worker"}
    assert told["memory"]["learner_gpu_bytes"]["optimizer"] == 12 * 7_298_011_136 // 8
    assert told["memory"]["learner_gpu_bytes"]["total"] < 80 * 2**30
    assert told["recipe"]["algorithm"]["clip_high"] == 0.272
    assert any("Dolci-RLZero-Math-7B" in note for note in told["notes"])


def test_too_few_gpus_are_refused_with_the_numbers() -> None:
    done = plan("code", "--gpus", "40")
    assert (done.returncode, done.stdout) == (2, "")
    assert "64 rollout workers × 1 GPUs and 8 learner ranks need 72 GPUs, the cluster has 40" in done.stderr
    assert done.stderr.count("\n") == 1


def test_gpus_that_are_too_small_are_refused_with_the_numbers() -> None:
    done = plan("mix", "--gpus", "72", "--gpu-memory", "24")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rlvr: a learner GPU needs ")
    assert "has 24.0 GiB" in done.stderr
