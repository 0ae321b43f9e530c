"""Few-shot prompts: the same examples as one plain text, or as a conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Messages = tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Form:
    """How a suite puts its questions.

    Attributes:
        lead: Stands before a question in plain text.
        cue: Stands on the line below it, and is what an answer is written to.
        gap: Stands between the cue and the answer of an example.
        examples: Questions with their answers, asked and answered before every question.
        instruction: Said of how to answer, in a conversation, at the end of its first question.
        shown_in_chat: Whether a conversation begins with the examples too.
    """

    lead: str = "Question: "
    cue: str = "Answer:"
    gap: str = " "
    examples: Sequence[tuple[str, str]] = ()
    instruction: str = ""
    shown_in_chat: bool = True

    def messages(self, question: str, chat: bool) -> Messages:
        """The prompt for one question; plain text is a single message that ends with the cue."""
        if chat:
            return self._conversation(question)
        shown = [f"{self.lead}{asked}\n{self.cue}{self.gap}{answer}\n\n" for asked, answer in self.examples]
        return (said(f"{''.join(shown)}{self.lead}{question}\n{self.cue}"),)

    def _conversation(self, question: str) -> Messages:
        turns: list[Mapping[str, str]] = []
        for asked, answer in self.examples if self.shown_in_chat else ():
            turns += [said(asked), {"role": "assistant", "content": answer}]
        turns.append(said(question))
        if self.instruction:
            turns[0] = said(f"{turns[0]['content']}\n\n{self.instruction}")
        return tuple(turns)


def said(content: str) -> Mapping[str, str]:
    """A message of the user's."""
    return {"role": "user", "content": content}
