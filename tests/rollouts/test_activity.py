from rollouts.activity import Activity
from rollouts.reports import UpdateReport, WorkerStats


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_busy_time_runs_while_training_samples_are_under_way() -> None:
    clock = Clock()
    activity = Activity(clock)
    clock.now += 5  # idle
    with activity.samples(2) as finished:
        clock.now += 2
        finished(30)
        clock.now += 1
        finished(12)
        clock.now += 7  # only verdicts are waited for
    activity.updated(UpdateReport(1, 0.25, 2))
    assert activity.stats() == WorkerStats(tokens=42, samples=2, busy_s=3.0, pause_s=0.25, updates=1)


def test_evaluations_count_apart() -> None:
    clock = Clock()
    activity = Activity(clock)
    with activity.samples(1):
        with activity.evaluation():
            clock.now += 4
        clock.now += 1
        assert activity.stats() == WorkerStats(in_flight=1, busy_s=1.0, evaluation_s=4.0)


def test_samples_that_fail_leave_and_do_not_count() -> None:
    activity = Activity(Clock())
    try:
        with activity.samples(3) as finished:
            finished(5)
            raise TimeoutError
    except TimeoutError:
        pass
    assert activity.stats() == WorkerStats(tokens=5, samples=1)
