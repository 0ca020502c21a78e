"""Why a person is called, and what the person and the customer are told."""

from dataclasses import dataclass
from typing import Any

from sidecar.errors import CrewDisabled, SidecarError
from sidecar.hub.mailbox import Letter, in_order
from sidecar.llm.sentences import translations
from sidecar.tenants.schema import Tenant

_WORDS = 300  # characters of the customer's words in a note


@dataclass(frozen=True, slots=True)
class Handoff:
    """code: of docs/conversations.md. reason: a sentence for the team, in the tenant's language."""

    code: str
    reason: str


def default_text(language: str) -> str:
    """What the customer is told."""
    _ = translations(language).gettext
    return _("One moment, please: I am calling a person of our team.")


def given_up(language: str) -> Handoff:
    """After the last try of a turn."""
    _ = translations(language).gettext
    return Handoff("failures", _("the answer could not be prepared after several tries"))


def refusal(tenant: Tenant, crew: str, error: SidecarError) -> Handoff:
    """The crew may not answer."""
    _ = translations(tenant.language).gettext
    if isinstance(error, CrewDisabled):
        sentence = _("Crew %(crew)s is not enabled for account_id %(account_id)s.")
    else:
        sentence = _("Crew %(crew)s of account_id %(account_id)s does not answer customers.")
    return Handoff("crew_refused", sentence % {"crew": crew, "account_id": tenant.account_id})


def closed_handoff(language: str, closed: str) -> tuple[str, Handoff]:
    """(what the customer is told, why) while the shop is closed. closed: the sentence about it."""
    _ = translations(language).gettext
    text = closed + " " + _("Your message is kept, and a person of our team will answer it.")
    return text, Handoff("closed", _("the shop is closed"))


def person_note(
    language: str,
    handoff: Handoff,
    letters: list[Letter],
    crew: str,
    sources: list[dict[str, Any]],
) -> str:
    """The private note for whoever takes over: why, what the customer wants, what was tried."""
    _ = translations(language).gettext
    heard = [one for one in in_order(letters) if one.content and not one.deleted]
    said = " / ".join(" ".join(one.content.split()) for one in heard)
    if len(said) > _WORDS:
        said = said[: _WORDS - 1] + "…"
    lines = [_("AI hand-off: %(reason)s") % {"reason": handoff.reason}]
    if letters and letters[-1].contact_name:
        lines.append(_("Customer: %(name)s") % {"name": letters[-1].contact_name})
    if said:
        lines.append(_("Asked: %(words)s") % {"words": said})
    tried = [crew] if crew else []
    tried += [source["title"] for source in sources[:3] if source["title"]]
    if tried:
        lines.append(_("Tried: %(what)s") % {"what": "; ".join(tried)})
    return "\n".join(lines)
