"""What to do with an event: act on it, or ignore it for a named reason.

Pure: the verdict reads the event's own words only. A body frozen by Chatwoot's retries can be older
than the truth, so before posting `still_ours` judges the conversation as the API shows it now.

`acts_on`: the bot's conversations are the pending ones, or (`unassigned`) the open ones without a
person too.
"""

from dataclasses import dataclass
from typing import Literal

from sidecar.chatwoot.payloads import Event
from sidecar.chatwoot.records import Conversation

Reason = Literal[
    "not_a_message",
    "message_updated",
    "message_deleted",
    "private_note",
    "activity",
    "template",
    "campaign",
    "human_from_phone",
    "bot_echo",
    "human_reply",
    "outgoing",
    "survey",
    "sender_not_contact",
    "unknown_type",
    "not_pending",
    "human_assigned",
    "cannot_reply",
    "group",
    "blocked",
    "empty",
]

# Message types with forms and lists whose answer is the customer's next word.
_ANSWERABLE = frozenset({"input_select", "input_text", "input_textarea", "input_email", "form"})


@dataclass(frozen=True, slots=True)
class Act:
    """The customer said something the bot must answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """The customer edited or deleted what they had said; it counts while it is not answered."""

    deleted: bool


@dataclass(frozen=True, slots=True)
class Ignore:
    """Nothing for the bot here, and why."""

    reason: Reason


def verdict(event: Event, acts_on: str = "pending") -> Act | Change | Ignore:
    """Decide on one event. Anything not surely the customer speaking to the bot is ignored."""
    if not event.is_message:
        return Ignore("not_a_message")
    reason = _not_the_customer(event)
    if reason in ("message_updated", "message_deleted") and event.event == "message_updated":
        return Change(event.deleted)
    reason = reason or _not_for_the_bot(event, acts_on)
    return Ignore(reason) if reason else Act()


def still_ours(conversation: Conversation, acts_on: str = "pending") -> Act | Ignore:
    """Whether the bot may post into the conversation as it is now."""
    if conversation.assignee_kind == "human":
        return Ignore("human_assigned")
    if not _is_the_bots(conversation.status, acts_on):
        return Ignore("not_pending")
    if not conversation.can_reply:
        return Ignore("cannot_reply")
    if conversation.contact is not None and conversation.contact.blocked:
        return Ignore("blocked")
    return Act()


def human_answered(conversation: Conversation, after: int) -> bool:
    """Whether a person's message is the newest one, and newer than the message id `after`.

    Told by the conversation itself, should the event that says so have been lost.
    """
    last = conversation.last_message
    if last is None or last.id <= after or last.private or last.message_type != "outgoing":
        return False
    return last.sender_kind == "user" or bool(last.content_attributes.get("external_echo"))


def _is_the_bots(status: str, acts_on: str) -> bool:
    return status == "pending" or (status == "open" and acts_on == "unassigned")


def _not_the_customer(event: Event) -> Reason | None:
    if event.private:
        return "private_note"
    if event.message_type == "outgoing":
        return _outgoing(event)
    if event.message_type in ("activity", "template"):
        return event.message_type
    if event.message_type != "incoming":
        return "unknown_type"
    if event.event == "message_updated":
        # Edited, deleted or transcribed later.
        return "message_deleted" if event.deleted else "message_updated"
    if event.deleted:
        return "message_deleted"
    if event.sender_kind not in ("contact", None):
        return "sender_not_contact"
    unsupported = event.content_attributes.get("is_unsupported")
    if not event.text.strip() and not event.attachments and not unsupported:
        return "empty"
    return None


def _outgoing(event: Event) -> Reason | None:
    if event.event == "message_updated" and event.content_type == "input_csat":
        return "survey"
    if event.event == "message_updated" and event.answers and event.content_type in _ANSWERABLE:
        return None
    if event.campaign_id:
        return "campaign"
    if event.content_attributes.get("external_echo"):
        return "human_from_phone"
    if event.turn or event.sender_kind in ("agent_bot", "captain"):
        return "bot_echo"
    return "human_reply" if event.sender_kind == "user" else "outgoing"


def _not_for_the_bot(event: Event, acts_on: str) -> Reason | None:
    if event.is_group:
        return "group"
    if event.blocked:
        return "blocked"
    if event.assignee_kind == "human" and _is_the_bots(event.status, acts_on):
        return "human_assigned"
    if not _is_the_bots(event.status, acts_on):
        return "not_pending"
    if not event.can_reply:
        return "cannot_reply"
    return None
