"""What Chatwoot's API answers: messages and conversations, typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sidecar.chatwoot import fields
from sidecar.chatwoot.payloads import Attachment, read_attachments
from sidecar.chatwoot.people import (
    AssigneeKind,
    Contact,
    SenderKind,
    assignee_kind,
    read_contact,
    sender_kind,
)

_MESSAGE_TYPES = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `created_at` in unix seconds; `status` is the delivery state.

    source_address: the contact's address in the inbox, where the answer tells it.
    """

    id: int
    content: str
    message_type: str
    private: bool
    created_at: float | None
    sender_kind: SenderKind | None
    sender_name: str = ""
    status: str = ""
    content_type: str = "text"
    attachments: tuple[Attachment, ...] = ()
    source_address: str = ""
    content_attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it is now. `id` is the display id; times in unix seconds."""

    id: int
    inbox_id: int | None
    status: str
    can_reply: bool
    assignee_kind: AssigneeKind | None
    contact: Contact | None
    channel: str = ""
    labels: tuple[str, ...] = ()
    last_message: Message | None = None
    last_activity_at: float | None = None
    created_at: float | None = None


def read_message(data: Mapping[str, Any]) -> Message:
    """Read one message of an API answer (integer types); raises BadRequest on another shape."""
    message_id = fields.identifier(data, "id", "id")
    kind = data.get("message_type")
    if message_id is None or isinstance(kind, bool) or kind not in _MESSAGE_TYPES:
        raise fields.nonsense("message", "a message with id and message_type")
    sender = fields.mapping(data, "sender", "sender")
    around = fields.mapping(data, "conversation", "conversation")
    address = fields.mapping(around, "contact_inbox", "conversation.contact_inbox")
    return Message(
        id=message_id,
        content=fields.text(data, "content", "content"),
        message_type=_MESSAGE_TYPES[kind],
        private=fields.flag(data, "private", "private"),
        created_at=fields.moment(data, "created_at", "created_at"),
        sender_kind=sender_kind(sender, fields.text(data, "sender_type", "sender_type")),
        sender_name=fields.text(sender, "name", "sender.name"),
        status=fields.text(data, "status", "status"),
        content_type=fields.text(data, "content_type", "content_type") or "text",
        attachments=read_attachments(data),
        source_address=fields.text(address, "source_id", "contact_inbox.source_id"),
        content_attributes=fields.mapping(data, "content_attributes", "content_attributes"),
    )


def read_conversation(data: Mapping[str, Any]) -> Conversation:
    """Read one conversation of an API answer; raises BadRequest on another shape."""
    number = fields.identifier(data, "id", "id")
    status = fields.text(data, "status", "status")
    if number is None or not status:
        raise fields.nonsense("conversation", "a conversation with id and status")
    meta = fields.mapping(data, "meta", "meta")
    last = fields.mapping(data, "last_non_activity_message", "last_non_activity_message")
    labels = data.get("labels") or []
    return Conversation(
        id=number,
        inbox_id=fields.identifier(data, "inbox_id", "inbox_id"),
        status=status,
        can_reply=fields.flag(data, "can_reply", "can_reply", default=True),
        assignee_kind=assignee_kind(meta),
        contact=read_contact(fields.mapping(meta, "sender", "meta.sender"), {}, "meta.sender"),
        channel=fields.text(meta, "channel", "meta.channel"),
        labels=tuple(str(label) for label in labels) if isinstance(labels, list) else (),
        last_message=read_message(last) if last else None,
        last_activity_at=fields.moment(data, "last_activity_at", "last_activity_at"),
        created_at=fields.moment(data, "created_at", "created_at"),
    )
