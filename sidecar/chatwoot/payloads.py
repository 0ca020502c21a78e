"""What a webhook of Chatwoot says.

`parse_event` reads the raw body of any event into one frozen `Event`; `verdict.py` decides what to
do with it. Two body shapes exist: a message with its conversation inside, and a bare conversation.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sidecar.chatwoot import fields
from sidecar.chatwoot.people import (
    AssigneeKind,
    Contact,
    SenderKind,
    assignee_kind,
    read_contact,
    sender_kind,
)
from sidecar.errors import BadRequest

MESSAGE_EVENTS = frozenset({"message_created", "message_updated"})
TURN_ATTRIBUTE = "chatwootai_turn"  # the marker we leave in content_attributes of our own posts


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, place or card the customer sent. `data_url` redirects and may be 404 for a while."""

    id: int | None
    file_type: str
    content_type: str = ""
    data_url: str = ""
    file_size: int | None = None
    title: str = ""
    transcript: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook delivery, typed. Message fields are empty in conversation and contact events.

    account_id:      Chatwoot's; None in conversation bodies older than 4.14.2.
    conversation_id: the display id, unique per account only.
    created_at:      unix seconds of the message, else of the conversation.
    since:           unix seconds the conversation began.
    updated_at:      unix seconds of the conversation's latest change when the body was rendered.
    changed:         what a conversation event says has changed: attribute → value it has now.
    content_hash:    changes when the customer's words change, not with delivery states.
    """

    event: str
    account_id: int | None = None
    inbox_id: int | None = None
    conversation_id: int | None = None
    status: str = ""
    channel: str = ""
    can_reply: bool = True
    assignee_kind: AssigneeKind | None = None
    contact: Contact | None = None
    labels: tuple[str, ...] = ()
    message_id: int | None = None
    message_type: str = ""
    private: bool = False
    content: str = ""
    content_type: str = ""
    content_attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    campaign_id: str = ""
    sender_kind: SenderKind | None = None
    attachments: tuple[Attachment, ...] = ()
    created_at: float | None = None
    since: float | None = None
    updated_at: float | None = None
    changed: Mapping[str, Any] = field(default_factory=dict, hash=False)
    content_hash: str = ""

    @property
    def is_message(self) -> bool:
        return self.event in MESSAGE_EVENTS

    @property
    def is_group(self) -> bool:
        return self.contact is not None and self.contact.is_group

    @property
    def blocked(self) -> bool:
        return self.contact is not None and self.contact.blocked

    @property
    def deleted(self) -> bool:
        return bool(self.content_attributes.get("deleted"))

    @property
    def turn(self) -> str:
        """The turn marker of one of our own posts, else empty."""
        value = self.content_attributes.get(TURN_ATTRIBUTE)
        return value if isinstance(value, str) else ""

    @property
    def answers(self) -> tuple[str, ...]:
        """What the customer chose or typed in a form or list that an outgoing message showed."""
        return _answers(self.content_attributes)

    @property
    def text(self) -> str:
        """The customer's words: the answer to a form, else the content, else a transcript."""
        if self.message_type != "incoming":
            return ", ".join(self.answers)
        return self.content or "\n".join(a.transcript for a in self.attachments if a.transcript)

    @property
    def dedupe_key(self) -> str:
        """Same key = same happening, whichever hook brought it and however often.

        A message is created once, whatever its words are when a late hook renders them.
        """
        if self.event == "message_created":
            return f"{self.event}:{self.message_id}"
        return f"{self.event}:{self.message_id or self.conversation_id}:{self.content_hash}"


def parse_event(raw: bytes) -> Event:
    """Read a raw webhook body.

    Raises BadRequest, with `details.field` where one field is at fault, on anything that no version
    of Chatwoot sends; unknown events and unknown keys are accepted.
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(body, Mapping):
        raise BadRequest("The body is not a JSON object.")
    name = fields.text(body, "event", "event")
    if not name or len(name) > 64:
        raise fields.nonsense("event", "the name of an event")
    if name in MESSAGE_EVENTS:
        return _message_event(name, body)
    if name.startswith("conversation_"):
        return _conversation_event(name, body)
    account = fields.mapping(body, "account", "account")
    return Event(event=name, account_id=fields.identifier(account, "id", "account.id"))


def _message_event(name: str, body: Mapping[str, Any]) -> Event:
    conversation = fields.mapping(body, "conversation", "conversation")
    attributes = fields.mapping(body, "content_attributes", "content_attributes")
    extra = fields.mapping(body, "additional_attributes", "additional_attributes")
    content = fields.text(body, "content", "content")
    content_type = fields.text(body, "content_type", "content_type")
    attachments = read_attachments(body)
    sender = fields.mapping(body, "sender", "sender")
    kind = sender_kind(sender)
    known = _conversation_fields(conversation, "conversation.")
    if kind == "contact" and sender:
        # The message's own sender is fresher than the conversation's contact after a merge.
        inbox = fields.mapping(conversation, "contact_inbox", "conversation.contact_inbox")
        known["contact"] = read_contact(sender, inbox, "sender")
    account = fields.mapping(body, "account", "account")
    account_id = fields.identifier(account, "id", "account.id")
    inbox_id = fields.identifier(fields.mapping(body, "inbox", "inbox"), "id", "inbox.id")
    known["account_id"] = account_id or known["account_id"]
    known["inbox_id"] = inbox_id or known["inbox_id"]
    known["created_at"] = fields.moment(body, "created_at", "created_at") or known["created_at"]
    message_id = fields.identifier(body, "id", "id")
    message_type = fields.text(body, "message_type", "message_type")
    for path, value in (
        ("id", message_id),
        ("account.id", known["account_id"]),
        ("conversation.id", known["conversation_id"]),
        ("message_type", message_type),
    ):
        if not value:
            raise fields.nonsense(path, "present in a message event")
    campaign = extra.get("campaign_id")
    return Event(
        event=name,
        **known,
        message_id=message_id,
        message_type=message_type,
        private=fields.flag(body, "private", "private"),
        content=content,
        content_type=content_type,
        content_attributes=attributes,
        campaign_id="" if campaign is None else str(campaign)[:64],
        sender_kind=kind,
        attachments=attachments,
        content_hash=_content_hash(content, content_type, attributes, attachments),
    )


def _conversation_event(name: str, body: Mapping[str, Any]) -> Event:
    # The typing events wrap the conversation; the others are the conversation.
    inner = fields.mapping(body, "conversation", "conversation")
    known = _conversation_fields(inner or body, "conversation." if inner else "")
    known["changed"] = _changed(body.get("changed_attributes"))
    if known["conversation_id"] is None:
        raise fields.nonsense("id", "present in a conversation event")
    # Not the customer's words but the state told, so that two different changes never look alike.
    when = (inner or body).get("updated_at")
    state = [known["status"], known["assignee_kind"], body.get("changed_attributes"), when]
    return Event(event=name, **known, content_hash=_digest(state))


def _conversation_fields(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    account = fields.mapping(body, "account", f"{path}account")
    meta = fields.mapping(body, "meta", f"{path}meta")
    contact_inbox = fields.mapping(body, "contact_inbox", f"{path}contact_inbox")
    person = fields.mapping(meta, "sender", f"{path}meta.sender")
    labels = body.get("labels") or []
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise fields.nonsense(f"{path}labels", "a list of strings")
    return {
        "account_id": fields.identifier(account, "id", f"{path}account.id"),
        "inbox_id": fields.identifier(body, "inbox_id", f"{path}inbox_id"),
        "conversation_id": fields.identifier(body, "id", f"{path}id"),
        "status": fields.text(body, "status", f"{path}status"),
        "channel": fields.text(body, "channel", f"{path}channel"),
        "can_reply": fields.flag(body, "can_reply", f"{path}can_reply", default=True),
        "assignee_kind": assignee_kind(meta),
        "contact": read_contact(person, contact_inbox, f"{path}meta.sender"),
        "labels": tuple(labels),
        "created_at": fields.moment(body, "created_at", f"{path}created_at"),
        "since": fields.moment(body, "created_at", f"{path}created_at"),
        "updated_at": fields.moment(body, "updated_at", f"{path}updated_at"),
    }


def _changed(told: Any) -> dict[str, Any]:
    """`[{"status": {"previous_value": …, "current_value": …}}, …]`, or null, as {name: value}."""
    if not isinstance(told, list):
        return {}
    changes = {}
    for entry in told:
        for name, change in entry.items() if isinstance(entry, Mapping) else ():
            if isinstance(change, Mapping):
                changes[str(name)] = change.get("current_value")
    return changes


def read_attachments(data: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The attachments of a message, in a webhook body or an answer of the API."""
    return tuple(_attachment(a) for a in fields.objects(data, "attachments", "attachments"))


def _attachment(data: Mapping[str, Any]) -> Attachment:
    size = fields.number(data, "file_size", "attachments.file_size")
    return Attachment(
        id=fields.identifier(data, "id", "attachments.id"),
        file_type=fields.text(data, "file_type", "attachments.file_type") or "file",
        content_type=fields.text(data, "content_type", "attachments.content_type"),
        data_url=fields.text(data, "data_url", "attachments.data_url"),
        file_size=None if size is None else int(size),
        title=fields.text(data, "fallback_title", "attachments.fallback_title"),
        transcript=fields.text(data, "transcribed_text", "attachments.transcribed_text"),
        latitude=fields.number(data, "coordinates_lat", "attachments.coordinates_lat"),
        longitude=fields.number(data, "coordinates_long", "attachments.coordinates_long"),
    )


def _answers(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    values = attributes.get("submitted_values")
    # A satisfaction survey submits an object instead; it is no answer to the bot.
    if isinstance(values, list):
        chosen = [v.get("title") or v.get("value") for v in values if isinstance(v, Mapping)]
        return tuple(str(value) for value in chosen if value)
    email = attributes.get("submitted_email")
    return (email,) if isinstance(email, str) and email else ()


def _content_hash(
    content: str,
    content_type: str,
    attributes: Mapping[str, Any],
    attachments: tuple[Attachment, ...],
) -> str:
    # Attachment URLs stay out: Chatwoot signs them anew each time it renders a body.
    files = [[a.id, a.file_type, a.transcript] for a in attachments]
    said = [content, content_type, files, _answers(attributes), bool(attributes.get("deleted"))]
    return _digest(said)


def _digest(value: Any) -> str:
    encoded = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(encoded.encode()).hexdigest()[:32]
