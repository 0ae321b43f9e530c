"""summary.json, and its table."""

from rich.console import Console

from rlvr.events import Evaluated
from rlvr.summary import (
    BothSides,
    ProblemCounts,
    Staleness,
    Summary,
    WeightUpdates,
    duration,
    gain_of,
    summary_table,
)
from rollouts.ledger import SampleCounts


def build_summary(model: str = "smollm2-135m", status: str = "completed", evaluations: int = 3) -> Summary:
    return Summary(
        status=status,
        wall_s=812.25,
        model=model,
        steps=16,
        evaluations=tuple(
            Evaluated(8 * i, "held_out", "accuracy", 0.05 + 0.25 * i, (0.03 + 0.25 * i, 0.08 + 0.25 * i), 256)
            for i in range(evaluations)
        ),
        weight_updates=WeightUpdates(count=16, in_flight=15, pause_s_median=0.815),
        staleness=Staleness(max=1, mean=0.4375, bound=1),
        tokens_per_s=BothSides(actors=112.6, learner=1499.9),
        idle_share=BothSides(actors=0.06, learner=0.35),
        samples=SampleCounts(generated=1200, trained=1000, filtered=160, unused=40),
    )


def shown(summary: Summary) -> str:
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(summary_table(summary.as_dict()))
    return capture.get()


def test_the_fields_are_as_the_contract_says() -> None:
    assert build_summary(evaluations=1).as_dict() == {
        "status": "completed",
        "wall_s": 812.25,
        "model": "smollm2-135m",
        "steps": 16,
        "evaluations": [
            {"step": 0, "suite": "held_out", "metric": "accuracy", "value": 0.05, "ci95": [0.03, 0.08], "n": 256}
        ],
        "weight_updates": {"count": 16, "in_flight": 15, "pause_s_median": 0.815},
        "staleness": {"max": 1, "mean": 0.4375, "bound": 1},
        "tokens_per_s": {"actors": 112.6, "learner": 1499.9},
        "idle_share": {"actors": 0.06, "learner": 0.35},
        "samples": {
            "generated": 1200,
            "trained": 1000,
            "invalid": 0,
            "filtered": 160,
            "stale": 0,
            "unused": 40,
            "lost": 0,
            "reissued": 0,
        },
        "problems": {"train": 0, "retired": 0, "removed": 0},
        "domains": [],
    }


def test_an_evaluation_without_a_verdict_has_no_value() -> None:
    nothing = Evaluated(0, "held_out", "accuracy", None, (0.0, 1.0), 0)
    summary = Summary(**{**_parts(build_summary()), "evaluations": (nothing, nothing)})
    assert summary.as_dict()["evaluations"][0]["value"] is None
    assert "no valid verdict at step 0" in shown(summary)


def _parts(summary: Summary) -> dict[str, object]:
    return {name: getattr(summary, name) for name in Summary.__dataclass_fields__}


def test_the_table_tells_before_after_and_gain() -> None:
    lines = [line.rstrip() for line in shown(build_summary()).splitlines()]
    assert lines == [
        "status             completed",
        "model              smollm2-135m",
        "steps              16 in 13 min 32 s",
        "held_out accuracy  5.0% [3.0%, 8.0%], n = 256 at step 0",
        "held_out accuracy  55.0% [53.0%, 58.0%], n = 256 at step 16",
        "gain               +50.0 points",
        "weight updates     16, 15 with requests in flight, median pause 0.81 s",
        "staleness          mean 0.44, most 1, bound 1",
        "tokens/s           actors 113, learner 1,500",
        "idle               actors 6%, learner 35%",
        "samples            1200 generated: 1000 trained, 160 filtered, 40 unused",
    ]


def test_hostile_names_are_text() -> None:
    assert "[red]model[/red]" in shown(build_summary(model="[red]model[/red]"))


def test_a_run_without_evaluations_or_samples_has_a_table() -> None:
    summary = Summary(**{**_parts(build_summary(evaluations=0)), "samples": SampleCounts()})
    assert shown(summary).splitlines()[-1].split() == ["samples", "0", "generated"]
    assert gain_of([]) is None


def test_gain_compares_the_main_suite() -> None:
    other = {"suite": "gsm8k", "metric": "accuracy", "value": 0.9}
    main = [{"suite": "held_out", "metric": "accuracy", "value": value} for value in (0.25, 0.5)]
    assert gain_of([main[0], other, main[1]]) == 0.25
    assert gain_of([main[0], other]) is None


def test_durations_read_well() -> None:
    assert [duration(s) for s in (0.24, 59.94, 200, 3599.6, 3720)] == [
        "0.2 s",
        "59.9 s",
        "3 min 20 s",
        "1 h 00 min",
        "1 h 02 min",
    ]


def test_the_table_tells_of_domains_and_problems() -> None:
    domains = tuple(
        Evaluated(step, f"held_out/{domain}", "accuracy", value, (value - 0.1, value + 0.1), 64)
        for step, value in ((0, 0.25), (16, 0.75))
        for domain in ("math", "code")
    )
    parts = {**_parts(build_summary()), "domains": domains, "problems": ProblemCounts(7588, 12, 3)}
    lines = [line.rstrip() for line in shown(Summary(**parts)).splitlines()]
    assert lines[6] == "held_out/math      25.0% [15.0%, 35.0%], n = 64 → 75.0% [65.0%, 85.0%], n = 64"
    assert lines[7].startswith("held_out/code ")
    told = "7,588 to train on, 12 retired as solved, 3 removed that evaluations ask"
    assert lines[-1] == f"problems           {told}"
