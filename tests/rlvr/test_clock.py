"""Where time goes: sums over sittings, rates per busy second, idle shares of training time."""

from rlvr.clock import Clock, Times


def test_rates_are_per_busy_second_and_idle_shares_of_training_time() -> None:
    times = Times(
        training_s=100.0, learner_busy_s=80.0, learner_tokens=4000, actor_busy_s=120.0, actor_tokens=9000
    )
    assert times.rates(workers=2) == {
        "actor_tokens_per_s": 150.0,
        "learner_tokens_per_s": 50.0,
        "actor_idle_share": 0.4,
        "learner_idle_share": 0.19999999999999996,
    }


def test_nothing_done_is_wholly_idle_and_divides_by_nothing() -> None:
    assert Times().rates(workers=1) == {
        "actor_tokens_per_s": 0.0,
        "learner_tokens_per_s": 0.0,
        "actor_idle_share": 0.0,
        "learner_idle_share": 0.0,
    }


def test_a_resumed_clock_goes_on_from_its_checkpoint() -> None:
    clock = Clock(Times(wall_s=10.0, learner_busy_s=4.0, actor_busy_s=6.0, actor_tokens=100.0).as_dict())
    clock.learned(2.0, tokens=50)
    times = clock.times(actor_busy_s=1.0, actor_tokens=10)
    assert (times.learner_busy_s, times.learner_tokens) == (6.0, 50)
    assert (times.actor_busy_s, times.actor_tokens) == (7.0, 110)
    assert times.wall_s >= 10.0


def test_evaluation_before_training_takes_nothing_from_it() -> None:
    clock = Clock({})
    with clock.evaluating():
        pass
    assert clock.times(0.0, 0).training_s == 0.0
    clock.begin_training()
    with clock.evaluating():
        pass
    times = clock.times(0.0, 0)
    assert times.evaluation_s > 0.0
    assert 0.0 <= times.training_s < 1.0


def test_a_step_is_what_was_added_since_the_last() -> None:
    clock = Clock({})
    first = clock.times(actor_busy_s=1.0, actor_tokens=10)
    assert clock.since_last_step(first).actor_tokens == 10
    second = clock.times(actor_busy_s=1.5, actor_tokens=25)
    assert clock.since_last_step(second).actor_tokens == 15
