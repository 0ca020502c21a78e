"""A customer's yes to what they were shown: carried out by code, before a model is asked.

The model neither has the token nor decides what a yes is; it only tells what was done.
"""

from dataclasses import dataclass
from typing import Any

from sidecar.claims.text import squeeze
from sidecar.observability.tracing import Trace
from sidecar.tools.consent import Consent, consent
from sidecar.tools.context import ToolContext
from sidecar.tools.dispatch import run
from sidecar.tools.registry import REGISTRY

_LATEST = 3  # messages; the preview may be followed by a greeting's or a reminder's


@dataclass(frozen=True, slots=True)
class Done:
    """tool: what was agreed to. answer: of the tool; an `error` where nothing was done."""

    tool: str
    answer: dict[str, Any]

    @property
    def worked(self) -> bool:
        """Whether something was changed."""
        return "error" not in self.answer

    def told(self) -> dict[str, Any]:
        """For a model."""
        return {"tool": self.tool, **self.answer}


def answered(context: ToolContext, history: list[dict[str, str]], trace: Trace) -> Done | None:
    """What the customer's words of this turn do to a preview that waits; None for nothing.

    A preview that does not stand in the latest of our messages was never seen (the turn was begun
    again, or was only a draft): nobody can have agreed to it.
    """
    pending = context.pending
    if pending is None or not _was_shown(pending.preview, history):
        return None
    tool = REGISTRY[pending.tool]
    if consent(context.words, tool.destructive) is Consent.UNCLEAR:
        return None
    with trace.timed("tool", pending.tool) as step:
        arguments = {**pending.arguments, "confirmation": pending.confirmation}
        answer = run(pending.tool, context, arguments)
        step.ok = "error" not in answer
        step.told = str(answer.get("code", "done with the customer's yes"))
    return Done(pending.tool, answer)


def _was_shown(preview: dict[str, Any], history: list[dict[str, str]]) -> bool:
    ours = [m["content"] for m in history if m["role"] == "assistant"][-_LATEST:]
    told = squeeze(" ".join(ours))
    return all(squeeze(words) in told for words in _essence(preview))


def _essence(preview: dict[str, Any]) -> list[str]:
    """What has to be seen of a preview, whatever the language around it."""
    found = [words for line in preview.get("lines", []) for words in _of_line(line)]
    found += [str(entry) for entry in preview.get("again", [])]
    if preview.get("total"):
        found.append(preview["total"]["text"])
    return found + [str(preview[key]) for key in ("service", "start") if preview.get(key)]


def _of_line(line: dict[str, Any]) -> tuple[str, str]:
    return line["name"], line["total"]["text"]
