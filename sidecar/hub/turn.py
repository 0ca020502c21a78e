"""One turn: what is answered now, decided once and then only carried out."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from sidecar.chatwoot.client import ChatwootClient
from sidecar.hub.mailbox import Letter
from sidecar.hub.silence import Talk
from sidecar.store.work import Lease
from sidecar.tenants.schema import Channel, Tenant

Outcome = Literal["answered", "handed_off", "draft", "silent", "failed"]


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation on the desk: whose it is, where it is, and the lease it is worked under."""

    lease: Lease
    tenant: Tenant
    channel: Channel
    conversation: str
    chatwoot: ChatwootClient = field(repr=False)

    @property
    def account_id(self) -> str:
        return self.tenant.account_id

    @property
    def display_id(self) -> int:
        """Chatwoot's number of it."""
        return int(self.conversation.partition("-")[2])

    @property
    def mode(self) -> str:
        """`answer`, or `draft`: what is written becomes a note for a person."""
        return self.channel.mode or self.tenant.conversation.mode


@dataclass(frozen=True, slots=True)
class Customer:
    """Who writes. phone, email: only what the channel proves; turn: the letters' id.

    said_at: when the first of the letters arrived, unix seconds.
    """

    name: str = ""
    contact_id: int | None = None
    phone: str = ""
    email: str = ""
    channel_id: int = 0
    channel_name: str = ""
    conversation: str = ""
    turn: str = ""
    said_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What is done for `count` letters, the last of which has the message id `through`.

    sent_at: when the latest letter was sent, by Chatwoot's clock; 0 where it did not say.
    parts:   messages to the customer, in order. options: answers the last one offers.
    draft:   the parts are one note for a person instead.
    handoff: why a person is called, in the tenant's language, or "". note: what the person is told.
    reason:  its code, why nothing is said, or why the answer is none (`unsure`, `out_of_scope`).
    sources: a note with what the answer stands on.
    opens:   nothing is said, but people must see that the customer waits for them.
    preview: the parts show what would be written, and ask for a yes.
    resolve: the conversation ends with it. talk: where it stands afterwards, None = as before.
    row:     what Odoo is told of it (docs/conversations.md).
    """

    id: str
    count: int
    through: int
    parts: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    draft: bool = False
    handoff: str = ""
    note: str = ""
    reason: str = ""
    sources: str = ""
    opens: bool = False
    preview: bool = False
    resolve: bool = False
    talk: Talk | None = None
    row: dict[str, Any] = field(default_factory=dict)
    sent_at: float = 0.0

    @property
    def text(self) -> str:
        """Everything the customer is told."""
        return "\n\n".join(self.parts)

    @property
    def outcome(self) -> Outcome:
        """What became of it, for the trace."""
        if self.draft:
            return "draft"
        if self.handoff:
            return "handed_off"
        return "answered" if self.parts else "silent"

    def silenced(self, reason: str) -> "Turn":
        """The same letters, answered by nobody here."""
        return Turn(
            self.id, self.count, self.through, reason=reason, row=self.row, sent_at=self.sent_at
        )

    def with_row(self, row: dict[str, Any]) -> "Turn":
        return replace(self, row=row)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Turn":
        told = json.loads(text)
        talk = told.pop("talk")
        parts, options = tuple(told.pop("parts")), tuple(told.pop("options"))
        return cls(**told, parts=parts, options=options, talk=Talk(**talk) if talk else None)


def turn_for(conversation: str, letters: list[Letter], **more: Any) -> Turn:
    """A turn about `letters`; its id follows from them, so that a repeated one has the same."""
    said = [[letter.message_id, letter.content, letter.deleted] for letter in letters]
    told = json.dumps([conversation, said], ensure_ascii=False)
    identity = hashlib.sha256(told.encode()).hexdigest()[:24]
    through = max(one.message_id for one in letters)
    sent_at = max(one.sent_at or 0.0 for one in letters)
    return Turn(identity, len(letters), through, sent_at=sent_at, **more)


def customer_of(case: Case, letters: list[Letter], turn: str) -> Customer:
    """Who wrote the letters; proven only by what all of them were proven to come from."""
    last = letters[-1]
    phones = {letter.contact_phone for letter in letters}
    emails = {letter.contact_email for letter in letters}
    return Customer(
        name=last.contact_name,
        contact_id=last.contact_id,
        phone=phones.pop() if len(phones) == 1 else "",
        email=emails.pop() if len(emails) == 1 else "",
        channel_id=case.channel.id,
        channel_name=last.channel.removeprefix("Channel::"),
        conversation=case.conversation,
        turn=turn,
        said_at=letters[0].received_at,
    )
