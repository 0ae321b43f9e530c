r"""Where bare math-verify (``verify(parse(label), parse(response))``) says otherwise than this project, and why.

Pairs of a label and a response from ``math_cases``. A right answer counts as missed only if math-verify misses it
with the label as it is and with the label in ``$…$``, a wrong one as taken only if it takes it both ways.
"""

MISSED: dict[str, list[tuple[str, str]]] = {
    "letters of multiple choice are no expressions to it": [
        ("B", "Answer: B"),
        ("B", "Answer: (B)"),
        ("B", "Answer: (B) 42"),
        ("B", "The correct option is B."),
        ("(B)", "B"),
        (r"\text{B}", "Answer: B."),
        ("B", "b"),
        ("B", r"\boxed{\textbf{(B)}\ 17}"),
        ("C", "The answer is C: Paris"),
    ],
    "words are no expressions to it either": [
        ("even", "Answer: Even"),
        ("yes", "Answer: Yes."),
        (r"\text{Tuesday}", "The answer is Tuesday."),
        (r"\text{No solution}", "no solution"),
        ("None", "None"),
        ("True", "True"),
        ("true", r"\boxed{True}"),
    ],
    "it reads expressions as LaTeX only, not as plain text": [
        (r"\frac{\pi}{2}", "Answer: pi/2"),
        (r"\frac{\pi}{2}", "π/2"),
        ("x^2", "Answer: x**2"),
        (r"\ln 2", "Answer: ln(2)"),
        ("(x-1)(x+1)", "Answer: x^2-1"),
        (r"\frac{a}{b}", "a/b"),
        ("a^2-b^2", "(a-b)(a+b)"),
        ("y=2x+1", "y = 1+2x"),
        ("y=x", "x=y"),
        ("10", r"\binom{5}{2}"),
        ("3628800", "10!"),
        ("1,2", "Answer: x = 1 or x = 2"),
        ("[-2,7]", r"x \in [-2,7]"),
        (r"\mathbb{R}", r"(-\infty,\infty)"),
        (r"\emptyset", r"\{\}"),
    ],
    "it knows fewer ways to write a number": [
        ("-5", "Answer: –5"),
        ("1234", r"\boxed{1\,234}"),
        ("3.5", "Answer: 3 1/2"),
        ("3.5", "Answer: 3½"),
        (r"\frac{3}{4}", r"\boxed{¾}"),
        ("9", "３²"),
        ("1.5e3", "1500"),
        ("100", "Answer: 1e2"),
        ("6.02e23", r"\boxed{6.02 \times 10^{23}}"),
        ("1000000", "1 million"),
        ("5", r"\boxed{5.}"),
        (r"\infty", r"\boxed{∞}"),
        (r"\frac{2}{3}", r"\boxed{66.\overline{6}\%}"),
        (r"0.\overline{3}", r"\boxed{\frac13}"),
        ("1/3", "0.3333"),
        ("0.6667", "2/3"),
    ],
    "it does not convert units": [("1 m", "100 cm")],
    "inequalities and vectors in other brackets are no intervals and tuples to it": [
        (r"(-\infty, 0)", r"\boxed{x < 0}"),
        ("(3,4]", r"\boxed{3 < x \le 4}"),
        ("(1,2,3)", r"\boxed{\langle 1,2,3 \rangle}"),
    ],
    "it joins several boxes to one answer, and does not know all ways to mark one": [
        ("42", r"first \boxed{3}. Then we see the end, which is \boxed{42}"),
        ("7", r"Let me see. \boxed{8}. Wait, that is wrong: \boxed{7}"),
        ("42", r"\fbox{42}"),
        ("42", "答案:42"),
    ],
    "thinking blocks are text like any other to it": [
        ("42", r"<think>maybe \boxed{7}</think>\boxed{42}"),
        ("42", "I thought \\boxed{7}</think>\nAnswer: 42"),
        ("42", "<think></think>42"),
        ("42", "<think>6 times 7</think>\n<answer>42</answer>"),
    ],
}

TAKEN: dict[str, list[tuple[str, str]]] = {
    "it takes one of several answers, or one that is taken back": [
        ("5", "Answer: 5 or 3"),
        ("5", "The answer is 5. Or maybe 3."),
        ("3", "Answer: 1\nAnswer: 2\nAnswer: 3"),
        ("42", "Answer: 42 is wrong"),
        ("42", "not 42"),
        ("5", "5 or so"),
        ("5", "5 5"),
        ("5", "Answer: 5 (or 6)"),
        ("5", "Answer: 5, 6"),
        ("5", "Answer: 5 and 6"),
    ],
    "it takes what stands inside a thinking block": [
        ("42", r"<think>\boxed{42}</think>"),
        ("42", r"<think>\boxed{42}"),
        ("42", r"<think>\boxed{42}</think>I can't say"),
        ("42", r"</think>a<think>\boxed{42}"),
        ("42", r"\boxed{42}<think>"),
        ("42", "42 </think> no"),
    ],
    "it rounds to six digits": [("0.0000001", "0.0000002"), ("0.5", "0.4999999999")],
    "it drops units": [("10 cm", "10 m")],
    "it reads half of what is there": [
        ("42", "42!"),
        ("4210_5", "4210_6"),
        ("10", r"\boxed{1\text{ }0}"),
    ],
}

UNSTEADY = {("0", "0/0")}
"""Wrong answers that math-verify takes in some processes and not in others."""
