"""Conversations written down as YAML, held with a crew, and how well it did.

- name: a sofa within a budget
  language: pt                # of the customer, and so of the answers
  crew: customer_service      # left out: this one
  proven: true                # whether the channel proves the customer's number
  demo: true                  # whether the facts are also those of the demo shop
  turns:
    - customer: "tem sofá até R$ 3.000?"
      says: ["Jacarandá"]     # what the answer must say; case and accents do not count
      never: ["6.990"]        # what it must not
      handoff: angry          # code of the hand-off; left out: none
      unsure: false           # whether it may say that it does not know
      model: "…"              # what the double says in the tests; a real model is not told
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sidecar.claims.text import fold
from sidecar.crews.language import spoken
from sidecar.crews.reply import Reply
from sidecar.errors import Unprocessable
from sidecar.observability.tracing import Trace

_TELLING = 4  # words from which a language can be told


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolCall(_Part):
    """A tool that the double asks for."""

    tool: str
    arguments: dict[str, Any] = {}


class ScriptedTurn(_Part):
    """One turn; the keys are told above."""

    customer: str
    says: list[str] = []
    never: list[str] = []
    handoff: str = ""
    unsure: bool = False
    model: str | list[str | ToolCall] = []

    @property
    def script(self) -> list[str | ToolCall]:
        """What the double says, one after the other."""
        return [self.model] if isinstance(self.model, str) else self.model


class Conversation(_Part):
    """One conversation. topic: its file's name."""

    name: str
    language: Literal["pt", "en", "es"]
    topic: str = ""
    crew: str = "customer_service"
    proven: bool = True
    demo: bool = True
    turns: list[ScriptedTurn]


@dataclass
class Score:
    """How a conversation, or several, went: counts of what was asked for and what was right."""

    conversations: int = 0
    turns: int = 0
    facts: int = 0
    facts_told: int = 0
    handoffs: int = 0
    handoffs_right: int = 0
    languages: int = 0
    languages_right: int = 0
    forbidden_said: int = 0
    calls: int = 0
    tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        """Count `other` in."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong."""
        return not self.failures


Ask = Callable[[Conversation, ScriptedTurn, list[dict[str, str]]], tuple[Reply, Trace]]
"""Has a crew answer a turn after a history."""


def read(folder: Path) -> list[Conversation]:
    """The conversations of a folder's YAML files. Unprocessable names file and field."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            entries = yaml.safe_load(path.read_text("utf-8"))
            found += [Conversation(topic=path.stem, **entry) for entry in entries]
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise Unprocessable(f"{path.name}: {where}: {first['msg']}.") from None
        except (TypeError, yaml.YAMLError):
            raise Unprocessable(f"{path.name} is no list of conversations.") from None
    if not found:
        raise Unprocessable(f"There are no conversations in {folder}.")
    return found


def hold(conversation: Conversation, ask: Ask) -> Score:
    """Hold one conversation and score it."""
    score, history = Score(conversations=1), list[dict[str, str]]()
    for turn in conversation.turns:
        reply, trace = ask(conversation, turn, history)
        _judge(conversation, turn, reply, score)
        score.turns += 1
        score.calls += trace.llm_calls
        score.tokens += trace.input_tokens + trace.output_tokens
        score.cost += trace.cost
        score.seconds += trace.seconds
        history += [
            {"role": "user", "content": turn.customer},
            {"role": "assistant", "content": reply.text},
        ]
    return score


def _judge(told: Conversation, turn: ScriptedTurn, reply: Reply, score: Score) -> None:
    said, begin = fold(reply.text), f"{told.topic}: {told.name}"
    missing = [words for words in turn.says if fold(words) not in said]
    score.facts += len(turn.says)
    score.facts_told += len(turn.says) - len(missing)
    score.failures += [
        f"{begin}: does not say {words!r}: {reply.text[:160]!r}" for words in missing
    ]
    forbidden = [words for words in turn.never if fold(words) in said]
    score.forbidden_said += len(forbidden)
    score.failures += [f"{begin}: says {words!r}" for words in forbidden]
    code = reply.code if reply.handoff else ""
    right = code == turn.handoff and (turn.unsure or not reply.unsure)
    score.handoffs += 1
    score.handoffs_right += right
    if not right:
        score.failures.append(
            f"{begin}: hand-off {code or 'none'}, unsure {reply.unsure}: {reply.text[:160]!r}"
        )
    if len(reply.text.split()) >= _TELLING and reply.writer == "llm":
        score.languages += 1
        spoke = spoken([reply.text], told.language)
        score.languages_right += spoke == told.language
        if spoke != told.language:
            score.failures.append(f"{begin}: answers in {spoke}: {reply.text[:160]!r}")


def table(scores: Iterable[tuple[str, Score]]) -> str:
    """The scores as a printed table, a total below."""
    total = Score()
    rows = [("topic", "talks", "turns", "facts", "hand-offs", "language", "forbidden", "calls",
             "tokens", "cost", "s/turn")]  # fmt: skip
    for name, score in scores:
        rows.append(_row(name, score))
        total.add(score)
    rows.append(_row("all", total))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(name: str, score: Score) -> tuple[str, ...]:
    turns = max(score.turns, 1)
    return (
        name,
        str(score.conversations),
        str(score.turns),
        f"{score.facts_told}/{score.facts}",
        f"{score.handoffs_right}/{score.handoffs}",
        f"{score.languages_right}/{score.languages}",
        str(score.forbidden_said),
        f"{score.calls / turns:.2f}",
        f"{score.tokens / turns:.0f}",
        f"{score.cost:.4f}",
        f"{score.seconds / turns:.2f}",
    )
