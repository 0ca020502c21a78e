"""Who takes part in a conversation: the contact, a message's sender, the assignee."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sidecar.chatwoot import fields

SenderKind = Literal["contact", "user", "agent_bot", "captain"]
AssigneeKind = Literal["human", "bot"]

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_GROUP_SUFFIX = "@g.us"  # WhatsApp's address of a group
_SENDER_KINDS: dict[str, SenderKind] = {
    "contact": "contact",
    "user": "user",
    "agent_bot": "agent_bot",
    "captain_assistant": "captain",
}
_SENDER_CLASSES: dict[str, SenderKind] = {
    "Contact": "contact",
    "User": "user",
    "AgentBot": "agent_bot",
    "Captain::Assistant": "captain",
}


@dataclass(frozen=True, slots=True)
class Contact:
    """The customer as Chatwoot knows them.

    source_id: address in the channel (the WhatsApp number, digits only); it alone proves a phone
    number, `phone` may be self-declared.
    verified: the website proved the visitor's identity (HMAC).
    """

    id: int | None
    name: str = ""
    phone: str = ""
    email: str = ""
    identifier: str = ""
    source_id: str = ""
    blocked: bool = False
    verified: bool = False
    custom_attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def at(self, source_id: str) -> "Contact":
        """The contact as one inbox addresses it."""
        return replace(self, source_id=source_id)

    @property
    def proven_email(self) -> str:
        """The address the website vouches for, or "".

        Chatwoot's HMAC covers the identifier alone; a visitor may write any address beside it.
        """
        return self.identifier if self.verified and _EMAIL.fullmatch(self.identifier) else ""

    @property
    def is_group(self) -> bool:
        """Whether the "contact" is a WhatsApp group."""
        return self.source_id.endswith(_GROUP_SUFFIX) or self.identifier.endswith(_GROUP_SUFFIX)


def read_contact(
    person: Mapping[str, Any], contact_inbox: Mapping[str, Any], path: str
) -> Contact | None:
    """The contact in `person`, addressed as in `contact_inbox`; None when both are empty."""
    if not person and not contact_inbox:
        return None
    return Contact(
        id=fields.identifier(person, "id", f"{path}.id")
        or fields.identifier(contact_inbox, "contact_id", "contact_inbox.contact_id"),
        name=fields.text(person, "name", f"{path}.name"),
        phone=fields.text(person, "phone_number", f"{path}.phone_number"),
        email=fields.text(person, "email", f"{path}.email"),
        identifier=fields.text(person, "identifier", f"{path}.identifier"),
        source_id=fields.text(contact_inbox, "source_id", "contact_inbox.source_id"),
        blocked=fields.flag(person, "blocked", f"{path}.blocked"),
        verified=fields.flag(contact_inbox, "hmac_verified", "contact_inbox.hmac_verified"),
        custom_attributes=fields.mapping(person, "custom_attributes", f"{path}.custom_attributes"),
    )


def sender_kind(sender: Mapping[str, Any], sender_class: str = "") -> SenderKind | None:
    """Kind of a message's sender. Only a contact's webhook body carries no `type`."""
    if sender_class in _SENDER_CLASSES:
        return _SENDER_CLASSES[sender_class]
    if not sender:
        return None
    return _SENDER_KINDS.get(sender.get("type") or "contact")


def assignee_kind(meta: Mapping[str, Any]) -> AssigneeKind | None:
    """Who owns the conversation. Since 4.17 the bot itself can be the assignee.

    Versions without `assignee_type` only knew people, hence the last line.
    """
    assignee = fields.mapping(meta, "assignee", "meta.assignee")
    kind = fields.text(meta, "assignee_type", "meta.assignee_type")
    if kind:
        return "human" if kind == "User" else "bot"
    if not assignee:
        return None
    return "bot" if assignee.get("type") in ("agent_bot", "captain_assistant") else "human"
