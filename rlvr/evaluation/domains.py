"""The measures of single domains within an evaluation of several."""

from rlvr.evaluation.measures import measure
from rlvr.evaluation.record import Evaluation
from rlvr.evaluation.suite import Suite
from rlvr.events import Evaluated


def measure_domains(suite: Suite, evaluation: Evaluation) -> tuple[Evaluated, ...]:
    """The same measure for each domain, as the suite ``held_out/DOMAIN``; none where there is only one."""
    domains = tuple(dict.fromkeys(answer.domain for answer in evaluation.answers))
    if len(domains) < 2:
        return ()
    told = []
    for domain in domains:
        one = measure(suite, [answer for answer in evaluation.answers if answer.domain == domain])
        step, ci95 = evaluation.step or 0, one.ci95 or (0.0, 1.0)
        told.append(Evaluated(step, f"{suite.name}/{domain}", one.metric, one.value, ci95, one.n))
    return tuple(told)
