"""What happens to an event once its door trusts it: kept, changed, noted, or ignored for a reason.

The door for webhooks and the reconciler share this; each event is one transaction of Redis.
"""

import time
from dataclasses import dataclass

import structlog

from sidecar.chatwoot.payloads import Event
from sidecar.chatwoot.takeover import Turnover, turnover
from sidecar.chatwoot.verdict import Change, Ignore, verdict
from sidecar.hub.history import readable
from sidecar.hub.mailbox import Letter, Mailbox
from sidecar.hub.routing import NoChannel, OtherTenant, Router, proven_phone
from sidecar.hub.silence import Silence
from sidecar.settings import Settings
from sidecar.tenants.doors import Door
from sidecar.tenants.registry import TenantRegistry

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event. item: the conversation's in the due queue, when something waits.

    ignored: why nothing waits for it, or "".
    """

    item: str = ""
    stored: bool = False
    changed: bool = False
    ignored: str = ""


class Intake:
    """Takes events of any tenant. One per process; safe to share between threads."""

    def __init__(self, mailbox: Mailbox, tenants: TenantRegistry, settings: Settings):
        self.mailbox = mailbox
        self.router = Router(tenants)
        self.silence = Silence(mailbox.store, settings.history_days * 86400)

    def take(self, door: Door, event: Event, request_id: str) -> Taken:
        """Act on a verified event that came through `door`.

        NoChannel when no channel serves a message's inbox, RedisError when nothing could be kept.
        """
        judged = verdict(event, door.acts_on)
        seen = turnover(event)
        if event.conversation_id is None or (isinstance(judged, Ignore) and seen is None):
            return Taken(ignored=judged.reason if isinstance(judged, Ignore) else "not_a_message")
        try:
            placed = self.router.place(
                door.account_id, door.channel_id, door.inboxes, event.inbox_id
            )
        except OtherTenant:
            log.warning("webhook.other_tenant", account=door.account_id, inbox=event.inbox_id)
            return Taken(ignored="other_tenant")
        except NoChannel:
            if isinstance(judged, Ignore):
                return Taken(ignored=judged.reason)
            raise
        conversation = f"{placed.channel_id}-{event.conversation_id}"
        if seen is not None:
            self._observe(door, conversation, seen)
        if isinstance(judged, Ignore):
            return Taken(ignored=judged.reason)
        # message ids are one Chatwoot's: a tenant may have two
        digest = f"{door.inboxes.chatwoot}:{event.dedupe_key}"
        letter = letter_of(event, request_id)
        item = f"{door.account_id}|{conversation}"
        if isinstance(judged, Change):
            changed = self.mailbox.change(door.account_id, conversation, digest, letter)
            gone = "message_deleted" if judged.deleted else "message_updated"
            return Taken(item=item, changed=True) if changed else Taken(ignored=gone)
        stored = self.mailbox.put(door.account_id, conversation, digest, letter)
        return Taken(item=item, stored=stored)

    def _observe(self, door: Door, conversation: str, seen: Turnover) -> None:
        told = self.silence.observe(door.account_id, conversation, seen, door.acts_on, door.returns)
        if told:
            log.info(
                "conversation.turnover",
                account=door.account_id,
                conversation=conversation,
                change=seen.change,
                reason=seen.reason,
            )


def letter_of(event: Event, request_id: str) -> Letter:
    """The letter a message event is kept as."""
    contact = event.contact
    return Letter(
        message_id=event.message_id or 0,
        content=readable(event.text),
        received_at=time.time(),
        request_id=request_id,
        contact_name=contact.name if contact else "",
        contact_id=contact.id if contact else None,
        contact_phone=proven_phone(event.channel, contact.source_id) if contact else "",
        contact_email=contact.proven_email if contact else "",
        inbox_id=event.inbox_id,
        channel=event.channel,
        since=event.since,
        # the answer to a list is told by an update of the list, which is older
        sent_at=event.created_at if event.message_type == "incoming" else None,
        attachments=event.attachments if event.message_type == "incoming" else (),
        deleted=event.deleted,
    )
