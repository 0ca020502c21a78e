"""Finds customers' messages that never reached us, by asking Chatwoot, and takes them in.

A webhook can be lost: we were down, a job of Chatwoot's was discarded. So the bot's conversations
whose latest message is the customer's are compared with mailbox and ledger now and then, and what
neither knows goes through the same intake as a webhook, where a late webhook then finds it.
"""

import time

import redis
import structlog

from sidecar.chatwoot.client import ChatwootClient
from sidecar.chatwoot.payloads import Event
from sidecar.chatwoot.records import Conversation, Message
from sidecar.chatwoot.verdict import Ignore, still_ours
from sidecar.errors import SidecarError, TooManyRequests, UnknownAccount
from sidecar.hub.history import erasure_of
from sidecar.hub.intake import Intake
from sidecar.hub.ledger import Ledger
from sidecar.hub.mailbox import Mailbox
from sidecar.hub.routing import NoChannel, OtherTenant
from sidecar.hub.services import Services
from sidecar.hub.silence import Silence
from sidecar.settings import Settings
from sidecar.store.work import Lease, WorkQueue
from sidecar.tenants.doors import Door, chatwoot_of, inboxes_of
from sidecar.tenants.schema import Channel, Tenant

log = structlog.get_logger(__name__)

KIND = "reconcile"
YOUNG = 60.0  # seconds a message's webhook may still be on its way
_PAGES = 8  # of 25 conversations, per inbox and run
_READ = 20  # conversations whose messages are read in one run
_WAIT = 60.0  # seconds Chatwoot is left alone after it limited us


class Reconciler:
    """One per process; safe to share between threads."""

    def __init__(self, services: Services, mailbox: Mailbox, young: float = YOUNG):
        self.services = services
        self.mailbox = mailbox
        self.young = young
        self.intake = Intake(mailbox, services.tenants, services.settings)
        self.ledger = Ledger(services.store, services.settings)
        self.silence = Silence(services.store, services.settings.history_days * 86400)

    def work(self, lease: Lease) -> None:
        """Compare the account `lease.item` with its Chatwoots."""
        account_id = lease.item
        with structlog.contextvars.bound_contextvars(account=account_id):
            try:
                tenant = self.services.tenants.get(account_id)
            except UnknownAccount:
                lease.finish()
                return
            wait = 0.0
            for channel in _first_of_each_inbox(tenant):
                lease.check()
                try:
                    found = self._channel(tenant, channel)
                except TooManyRequests as error:
                    wait = max(wait, float(error.details.get("retry_after") or _WAIT))
                except SidecarError as error:
                    log.warning("reconcile.failed", channel=channel.id, code=error.code)
                else:
                    if found:
                        log.warning("reconcile.found", channel=channel.id, messages=found)
            if wait:
                lease.postpone(time.time() + wait)
            else:
                lease.finish()

    def _channel(self, tenant: Tenant, channel: Channel) -> int:
        """Take in what was missed of one channel; how many messages."""
        chatwoot = self.services.chatwoot(tenant, channel)
        statuses = ["pending"]
        if tenant.conversation.acts_on == "unassigned":
            statuses.append("open")
        found, read = 0, 0
        oldest = time.time() - self.services.settings.reconcile_hours * 3600
        for status in statuses:
            for page in range(1, _PAGES + 1):
                shown = chatwoot.conversations(status=status, inbox_id=channel.inbox_id, page=page)
                for conversation in shown:
                    if read < _READ and self._is_missed(tenant, channel, conversation, oldest):
                        read += 1
                        found += self._take(tenant, channel, chatwoot, conversation, oldest)
                last = shown[-1].last_activity_at if shown else None
                if len(shown) < 25 or (last is not None and last < oldest):
                    break
        return found

    def _is_missed(
        self, tenant: Tenant, channel: Channel, conversation: Conversation, oldest: float
    ) -> bool:
        last = conversation.last_message
        if last is None or last.message_type != "incoming" or last.private:
            return False
        at = last.created_at or 0.0
        if not oldest < at < time.time() - self.young:
            return False
        if isinstance(still_ours(conversation, tenant.conversation.acts_on), Ignore):
            return False
        if (
            conversation.contact is not None
            and conversation.contact.at(last.source_address).is_group
        ):
            return False
        door = _door(tenant, channel)
        try:
            placed = self.intake.router.place(
                tenant.account_id, channel.id, door.inboxes, conversation.inbox_id
            )
        except (OtherTenant, NoChannel):
            return False
        key = f"{placed.channel_id}-{conversation.id}"
        erasure = erasure_of(self.services.store, tenant.account_id, key)
        return not (
            erasure.through >= last.id
            or erasure.at >= at
            or self.mailbox.count(tenant.account_id, key)
            or self.ledger.through(tenant.account_id, key) >= last.id
            or self.silence.reason(tenant.account_id, key)
        )

    def _take(
        self,
        tenant: Tenant,
        channel: Channel,
        chatwoot: ChatwootClient,
        conversation: Conversation,
        oldest: float,
    ) -> int:
        """Take in the customer's messages since the shop's last word; how many were new."""
        waiting: list[Message] = []
        for message in reversed(chatwoot.messages(conversation.id)):
            if message.message_type == "incoming":
                waiting.append(message)
            elif message.message_type == "outgoing" and not message.private:
                break
        door, found = _door(tenant, channel), 0
        for message in reversed(waiting):
            if (message.created_at or 0.0) > oldest:
                event = event_of(channel, conversation, message)
                found += self.intake.take(door, event, f"reconcile-{message.id}").stored
        return found


def event_of(channel: Channel, conversation: Conversation, message: Message) -> Event:
    """The event that Chatwoot would have told of a message."""
    contact = conversation.contact
    if contact is not None and message.source_address:
        contact = contact.at(message.source_address)
    return Event(
        event="message_created",
        account_id=channel.account_id,
        inbox_id=conversation.inbox_id,
        conversation_id=conversation.id,
        status=conversation.status,
        channel=conversation.channel,
        can_reply=conversation.can_reply,
        assignee_kind=conversation.assignee_kind,
        contact=contact,
        labels=conversation.labels,
        message_id=message.id,
        message_type=message.message_type,
        private=message.private,
        content=message.content,
        content_type=message.content_type,
        content_attributes=message.content_attributes,
        sender_kind=message.sender_kind,
        attachments=message.attachments,
        created_at=message.created_at,
        since=conversation.created_at,
    )


def reconcile_queue(store: redis.Redis, settings: Settings) -> WorkQueue:
    """The due queue of accounts that are compared with Chatwoot; an item is an account id."""
    return WorkQueue(store, KIND, settings.lease_ttl)


def _first_of_each_inbox(tenant: Tenant) -> list[Channel]:
    """Channels that can read, one for each inbox (or for all of an account)."""
    chosen: dict[tuple[str, int | None], Channel] = {}
    for channel in sorted(tenant.channels, key=lambda c: (c.sequence, c.id)):
        if channel.reading_token_ref:
            chosen.setdefault((chatwoot_of(channel), channel.inbox_id), channel)
    return list(chosen.values())


def _door(tenant: Tenant, channel: Channel) -> Door:
    """A door as a hook of the channel's would have it."""
    return Door(
        account_id=tenant.account_id,
        channel_id=channel.id,
        hook_id=0,
        kind="reconciler",
        secret_ref=None,
        signature="none",
        chatwoot_account=channel.account_id,
        inboxes=inboxes_of(tenant, channel),
        acts_on=tenant.conversation.acts_on,
        returns=tenant.conversation.returns,
    )
