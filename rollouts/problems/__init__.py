"""Where problems come from. A new source is one file here and one line below."""

from rollouts.problems import functions, hub, instructions, jsonl, passages, reasoning_gym, sums
from rollouts.problems.mixed import MixedProblems
from rollouts.problems.problem_set import ProblemSet, TrainingProblems, VerifierNames
from rollouts.problems.question import Question
from rollouts.problems.registry import source
from rollouts.problems.seeds import sample_seed
from rollouts.problems.stream import ProblemsExhausted, ProblemSource, ShuffledProblems

__all__ = [
    "MixedProblems",
    "ProblemSet",
    "ProblemSource",
    "ProblemsExhausted",
    "Question",
    "ShuffledProblems",
    "TrainingProblems",
    "VerifierNames",
    "functions",
    "hub",
    "instructions",
    "jsonl",
    "passages",
    "reasoning_gym",
    "sample_seed",
    "source",
    "sums",
]
