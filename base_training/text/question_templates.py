"""What stands around a question in a prompt, by name.

A base model is asked in plain text, as RL-Zero does (arXiv 2512.13961): it completes the prompt, and its verifier
looks for the answer where the template asks for it.
"""

QUESTION = "{question}"
"""The place of the question; the only thing in a template that is replaced."""

THINKING_OPENED = "<think>"
"""A plain-text prompt that ends in this tag has opened the thinking block for the model."""

QUESTION_TEMPLATES = {
    "plain": QUESTION,
    "answer": (
        "Work out the following problem step by step. End with a line of the form\n"
        "Answer: your answer\n\n"
        "Problem: {question}\n\n"
        "Solution:"
    ),
    "thinking": (
        "A question, and the reply of an assistant who first thinks it over between <think> and </think>, and "
        "then gives a short reply whose last line has the form\n"
        "Answer: the answer\n\n"
        "Question: {question}\n\n"
        "Reply: <think>"
    ),
    "code": (
        "Solve the following task in Python. Reason about it first if that helps, and then give the whole program "
        "in one block that starts with ```python and ends with ```.\n\n"
        "Task: {question}\n\n"
        "Solution:"
    ),
    "instructions": "Reply to the following request. Do exactly what it asks.\n\nRequest: {question}\n\nReply:",
    "general": (
        "Reply to the following question. End with a line of the form\n"
        "Answer: your answer\n\n"
        "Question: {question}\n\n"
        "Reply:"
    ),
}
"""Templates by the name that recipes know them by."""


def question_template(name_or_text: str) -> str:
    """The template that a recipe means.

    Args:
        name_or_text: One of `QUESTION_TEMPLATES`, or a text that holds ``{question}``.

    Raises:
        ValueError: It is neither.
    """
    if name_or_text in QUESTION_TEMPLATES:
        return QUESTION_TEMPLATES[name_or_text]
    if QUESTION not in name_or_text:
        raise ValueError(
            f"the template must hold {QUESTION}, or be the name of one: {', '.join(QUESTION_TEMPLATES)}"
        )
    return name_or_text


def opens_thinking(template: str, chat: bool) -> bool:
    """Whether the prompt itself opens the block in which the model thinks.

    Args:
        template: A template's text.
        chat: Whether it goes through a chat template, which ends the user's turn behind it.
    """
    return not chat and template.rstrip().endswith(THINKING_OPENED)
