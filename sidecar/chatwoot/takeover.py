"""What an event tells about who speaks for the shop: a person who takes over, gives back, ends it.

Pure, as `verdict.py`: the event's own words only. Times are Chatwoot's, so that events that arrive
in the wrong order are put right by whoever keeps them.
"""

from dataclasses import dataclass
from typing import Literal

from sidecar.chatwoot.payloads import Event

Change = Literal["taken_over", "given_back", "unassigned", "resolved"]


@dataclass(frozen=True, slots=True)
class Turnover:
    """A change of who speaks. at: unix seconds by Chatwoot's clock; 0 where it does not say."""

    change: Change
    at: float
    reason: str = ""


def turnover(event: Event) -> Turnover | None:
    """The change an event tells of, or None.

    A person takes over by writing to the customer (in Chatwoot, or on the phone) or by being
    assigned; gives back by setting the status to pending, or by letting go of the conversation.
    """
    if event.event == "message_created":
        return _by_message(event)
    if not event.event.startswith("conversation_"):
        return None
    at = event.updated_at or 0.0
    if _became(event, "resolved"):
        return Turnover("resolved", at)
    # after a resolve the assignee often stays, and means nothing
    if event.assignee_kind == "human" and event.status in ("open", "pending"):
        return Turnover("taken_over", at, "human_assigned")
    if _became(event, "pending"):
        return Turnover("given_back", at)
    if "assignee_id" in event.changed and event.changed["assignee_id"] is None:
        return Turnover("unassigned", at)
    return None


def _by_message(event: Event) -> Turnover | None:
    if event.message_type != "outgoing" or event.private or event.campaign_id or event.turn:
        return None
    if event.content_attributes.get("external_echo"):
        reason = "human_from_phone"
    elif event.sender_kind == "user":
        reason = "human_reply"
    else:
        return None
    return Turnover("taken_over", event.created_at or 0.0, reason)


def _became(event: Event, status: str) -> bool:
    """Whether the event says that the status changed to this one, in either of its dialects."""
    if event.event == f"conversation_{status}":
        return True
    if event.event == "conversation_status_changed":
        return event.status == status
    return event.event == "conversation_updated" and event.changed.get("status") == status
