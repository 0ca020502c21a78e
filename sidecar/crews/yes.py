"""A customer's yes to what they were shown: carried out by code, before a model is asked.

The model neither has the token nor decides what a yes is; it only tells what was done. A preview
waits only where the customer was shown it: whoever posts the turn says so (`Confirmations.settle`).
"""

from dataclasses import dataclass
from typing import Any

from sidecar.llm.sentences import translations
from sidecar.observability.tracing import Trace
from sidecar.tools.consent import Consent, consent
from sidecar.tools.context import ToolContext
from sidecar.tools.dispatch import run
from sidecar.tools.registry import REGISTRY


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


def answered(context: ToolContext, trace: Trace) -> Done | None:
    """What the customer's words of this turn do to a preview that waits; None for nothing."""
    pending = context.pending
    if pending is None:
        return None
    cancelling = REGISTRY[pending.tool].destructive
    if consent(context.words, cancelling, pending.tool) is Consent.UNCLEAR:
        return None
    with trace.timed("tool", pending.tool) as step:
        arguments = {**pending.arguments, "confirmation": pending.confirmation}
        answer = run(pending.tool, context, arguments)
        step.ok = "error" not in answer
        _ = translations(context.tenant.language).gettext
        step.told = str(answer.get("code", _("done with the customer's yes")))
    return Done(pending.tool, answer)
