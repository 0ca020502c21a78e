"""What is told of a turn: the row for Odoo, and the note on what an answer stands on."""

from typing import Any

from sidecar.control.traces import trace_id
from sidecar.crews.reply import Reply
from sidecar.hub.mailbox import Letter
from sidecar.hub.turn import Case, Turn
from sidecar.llm.sentences import translations
from sidecar.observability.logging import mask_text
from sidecar.observability.tracing import Trace

_LONGEST = 8000  # characters of a text in the row
_TITLE = 120
_MOST_SOURCES = 20


def sources_of(reply: Reply | None) -> list[dict[str, Any]]:
    """`{kind, id, title}` of what a reply stands on."""
    found = []
    for rule in ([*reply.rules, *reply.products] if reply else [])[:_MOST_SOURCES]:
        title = str(rule.get("title") or rule.get("text") or "").strip().partition("\n")[0]
        found.append({"kind": rule.get("kind", ""), "id": rule.get("id"), "title": title[:_TITLE]})
    return found


def source_note(language: str, sources: list[dict[str, Any]]) -> str:
    """The private note that names the sources; "" without any."""
    if not sources:
        return ""
    _ = translations(language).gettext
    named = [f"- {one['kind']} {one['id']}: {one['title']}" for one in sources]
    return "\n".join([_("This answer stands on:"), *named])


def crowded(language: str, left_out: int) -> str:
    """What the trace tells of a mailbox that took no more."""
    _ = translations(language).gettext
    told = _("%(count)s messages were left out between the first ones and the latest one")
    return told % {"count": left_out}


def row_of(
    case: Case,
    turn: Turn,
    letters: list[Letter],
    question: str,
    answer: str,
    crew: str,
    reply: Reply | None,
    trace: Trace,
) -> dict[str, Any]:
    """The row of docs/conversations.md, as far as it is known before the turn is carried out."""
    channel = case.channel
    # an erasure finds the row by its contact
    last = next((one for one in reversed(letters) if one.contact_id), letters[-1])
    page = f"/app/accounts/{channel.account_id}/conversations/{case.display_id}"
    return {
        "uuid": trace_id(case.account_id, turn.id),
        "at": round(letters[0].received_at, 3),
        "channel_id": channel.id,
        "conversation": case.display_id,
        "chatwoot_url": channel.url.rstrip("/") + page,
        "contact_id": last.contact_id or 0,
        "contact_name": last.contact_name[:_TITLE],
        "crew": crew,
        "language": _language(case, reply),
        "question": question[:_LONGEST],
        "answer": mask_text(answer)[:_LONGEST],
        "outcome": turn.outcome,
        "reason": turn.reason,
        "writer": reply.writer if reply else "",
        "config_version": case.tenant.version,
        "sources": sources_of(reply),
        **_spent(trace),
        "steps": trace.steps(),
    }


def _language(case: Case, reply: Reply | None) -> str:
    """The customer's, ISO 639-1; the tenant's where nobody looked."""
    return (reply.language if reply else "") or case.tenant.language.partition("_")[0]


def finished(turn: Turn, trace: Trace, recovered: bool, failed: bool = False) -> dict[str, Any]:
    """The row of a turn that was carried out. recovered: by somebody else than who composed it."""
    row = dict(turn.row)
    steps = [*row.get("steps", []), *trace.steps()] if recovered else trace.steps()
    outcome = "failed" if failed else turn.outcome
    answer = row.get("answer", "") if turn.parts else ""
    row |= {"outcome": outcome, "reason": turn.reason, "steps": steps, "answer": answer}
    return row if recovered else row | _spent(trace)


def _spent(trace: Trace) -> dict[str, Any]:
    return {
        "model": trace.model,
        "llm_calls": trace.llm_calls,
        "input_tokens": trace.input_tokens,
        "output_tokens": trace.output_tokens,
        "cost": round(trace.cost, 6),
        "seconds": round(trace.seconds, 3),
    }
