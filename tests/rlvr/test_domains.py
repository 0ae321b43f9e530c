"""The measures of single domains within an evaluation."""

from rlvr.evaluation.domains import measure_domains
from rlvr.evaluation.suite import Suite
from tests.rlvr.evaluations import answers, evaluation

SUITE = Suite("held_out", ())


def test_each_domain_of_a_mix_is_measured_on_its_own() -> None:
    given = (*answers(True, True, True, False, domain="math"), *answers(True, False, None, domain="code"))
    told = measure_domains(SUITE, evaluation(suite="held_out", step=3, answers=given))
    assert [(one.suite, one.metric, one.step, one.value, one.n) for one in told] == [
        ("held_out/math", "accuracy", 3, 0.75, 4),
        ("held_out/code", "accuracy", 3, 0.5, 2),
    ]
    assert told[0].ci95[0] < 0.75 < told[0].ci95[1]


def test_a_single_domain_is_not_measured_twice() -> None:
    assert measure_domains(SUITE, evaluation(answers=answers(True, False))) == ()
