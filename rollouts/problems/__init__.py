"""Where problems come from. A new source is one file here and one line below."""

from rollouts.problems import functions, hub, instructions, jsonl, passages, sums
from rollouts.problems.problem_set import ProblemSet
from rollouts.problems.question import Question
from rollouts.problems.registry import source
from rollouts.problems.seeds import sample_seed
from rollouts.problems.stream import ProblemsExhausted, ProblemSource, ShuffledProblems

__all__ = [
    "ProblemSet",
    "ProblemSource",
    "ProblemsExhausted",
    "Question",
    "ShuffledProblems",
    "functions",
    "hub",
    "instructions",
    "jsonl",
    "passages",
    "sample_seed",
    "source",
    "sums",
]
