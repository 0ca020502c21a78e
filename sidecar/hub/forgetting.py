"""Erases what the sidecar remembers of a contact: everywhere, with a receipt.

A conversation is erased under its lease, so that no turn under way writes it anew; whoever works on
it is waited for. What stays of it is the moment, so that nothing older is read from Chatwoot again.
Tried again after a crash, it goes on and the receipt counts what was removed before.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import redis
import structlog

from sidecar.control.traces import TraceLog, trace_queue
from sidecar.errors import Unavailable, Unprocessable
from sidecar.hub.contact_channels import channels_of
from sidecar.hub.erasing import erase_of_conversation, sends
from sidecar.hub.jobs import job_queue
from sidecar.hub.learning import Learning
from sidecar.hub.mailbox import KIND, conversation_queue
from sidecar.search.conversation_choices import person_of
from sidecar.search.query import understand
from sidecar.settings import Settings
from sidecar.store import dead_letters, keys
from sidecar.store.connection import cache_store, connect, state_store
from sidecar.store.rewriting import rewrite
from sidecar.store.work import Lease, WorkQueue
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

COUNTS = ("conversations", "keys", "history", "mailbox", "traces", "jobs", "dead_letters")
ERP_COUNTS = ("erp_customers", "erp_orders")  # our copy, where the tenant's own ERP sends its data
_MANY = 500
_POLL = 0.1
_PASSES = 3  # a turn that ended while its conversation was looked for may have left its trace

# KEYS: lease, due, hint, counts, forgotten, history, mailbox, turn, more…
# ARGV: holder, item, seconds of counts, now, seconds of forgotten
# What stays is the moment, and the highest message id that was known (`history.erasure_of`).
_ERASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local said, letters, gone = redis.call('LLEN', KEYS[6]), redis.call('LLEN', KEYS[7]), 0
local before = redis.call('GET', KEYS[5]) or ''
local through = tonumber(string.match(before, '^%S+ (%d+)') or '0')
through = math.max(through, tonumber(redis.call('HGET', KEYS[8], 'through') or '0'))
for _, letter in ipairs(redis.call('LRANGE', KEYS[7], 0, -1)) do
  through = math.max(through, cjson.decode(letter)['message_id'])
end
for place = 6, #KEYS do gone = gone + redis.call('DEL', KEYS[place]) end
if gone > 0 then redis.call('HINCRBY', KEYS[4], 'conversations', 1) end
redis.call('HINCRBY', KEYS[4], 'keys', gone)
redis.call('HINCRBY', KEYS[4], 'history', said)
redis.call('HINCRBY', KEYS[4], 'mailbox', letters)
redis.call('EXPIRE', KEYS[4], ARGV[3])
redis.call('SET', KEYS[5], ARGV[4] .. string.format(' %d', through), 'EX', ARGV[5])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[1], KEYS[3])
return 1
"""

# KEYS: lease, due, hint, counts, job, more…   ARGV: holder, item, seconds of counts
_ERASE_JOB = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local gone = 0
for place = 5, #KEYS do gone = gone + redis.call('DEL', KEYS[place]) end
if gone > 0 then redis.call('HINCRBY', KEYS[4], 'jobs', 1) end
redis.call('HINCRBY', KEYS[4], 'keys', gone)
redis.call('EXPIRE', KEYS[4], ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[1], KEYS[3])
return 1
"""

# KEYS: rows   ARGV: uuid, row. Odoo may have it by now
_RENAME = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom it is about. channels: all of the tenant's that know the same Chatwoot account."""

    account_id: str
    channel_id: int
    number: int
    channels: frozenset[int]


@dataclass(slots=True)
class _Found:
    """What is known of a contact. conversations: by Chatwoot's number. texts: what they wrote."""

    conversations: set[str]
    traces: list[str]
    texts: set[str]
    names: set[str]


class Forgetting:
    """Erases contacts of any tenant. Safe to share between threads."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.store = state_store(settings)
        self.conversations = conversation_queue(self.store, settings)
        self.jobs = job_queue(self.store, settings)
        self.traces = trace_queue(self.store, settings)
        self._erase = self.store.register_script(_ERASE)
        self._erase_job = self.store.register_script(_ERASE_JOB)
        self._rename = self.store.register_script(_RENAME)

    def forget(
        self, account_id: str, tenant: Tenant | None, channel_id: Any, contact_id: Any
    ) -> dict[str, Any]:
        """The result of `forget_contact` (docs/conversations.md).

        tenant: None where it is not published. Unprocessable for ids that are none; Unavailable
        when a conversation is worked on too long or Redis cannot rewrite its files: call again.
        """
        for name, value in (("channel_id", channel_id), ("contact_id", contact_id)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise Unprocessable(f"{name} must be the number of one.")
        known = self._channels(account_id, tenant, channel_id, contact_id)
        contact, begun = Contact(account_id, channel_id, contact_id, known), time.time()
        for one_pass in range(_PASSES):
            found = self._find(contact, begun if one_pass else None)
            if one_pass and not found.traces:
                break
            self._remove(contact, found, begun, tenant)
            written = rewrite(self._servers())
        names = (*COUNTS, *ERP_COUNTS) if sends(tenant) else COUNTS
        return {"receipt": self._receipt(contact, written, names)}

    # -- looking for it ---------------------------------------------------------------------------

    def _find(self, contact: Contact, until: float | None) -> _Found:
        """Everything; with `until` (unix seconds) only traces of what was said before it."""
        found = _Found(set(), [], set(), set())
        for row in self._traces(contact):
            if until is None or row["at"] <= until:
                found.traces.append(row["uuid"])
                found.conversations.add(str(row["conversation"]))
                found.texts.add(row.get("question", ""))
                found.names.add(row.get("contact_name", ""))
        if until is None:
            for channel in contact.channels:
                key = keys.contact(contact.account_id, channel, contact.number)
                members = self.store.smembers(key)
                found.conversations |= {one.partition("-")[2] for one in members}
            for conversation in _conversations(contact, found):
                self._read(contact.account_id, conversation, found)
        return found

    def _channels(
        self, account_id: str, tenant: Tenant | None, named: int, number: int
    ) -> frozenset[int]:
        names = self.store.scan_iter(keys.contact(account_id, "*", number), count=_MANY)
        prefix = keys.contact(account_id, "", "").rstrip("-")
        left = {int(str(name).removeprefix(prefix).partition("-")[0]) for name in names}
        rows = list(self._rows(account_id))
        left |= {row["channel_id"] for row in rows if row["contact_id"] == number}
        return channels_of(tenant, named, rows, left)

    def _rows(self, account_id: str) -> Iterator[dict[str, Any]]:
        names = self.store.scan_iter(keys.trace(account_id, "*"), count=_MANY)
        for some in _batches(names):
            yield from map(json.loads, filter(None, self.store.mget(some)))

    def _traces(self, contact: Contact) -> Iterator[dict[str, Any]]:
        for row in self._rows(contact.account_id):
            if row["contact_id"] == contact.number and row["channel_id"] in contact.channels:
                yield row

    def _read(self, account_id: str, conversation: str, found: _Found) -> None:
        """What the customer wrote and is called, by which other places are searched."""
        for told in self.store.lrange(keys.history(account_id, conversation), 0, -1):
            said = json.loads(told)
            if said["role"] == "user":
                found.texts.add(said["content"])
        letters = self.store.lrange(keys.mailbox(account_id, conversation), 0, -1)
        for letter in map(json.loads, letters):
            found.texts.add(letter["content"])
            found.names.add(letter.get("contact_name", ""))
        person = self.store.get(keys.person(account_id, conversation))
        if person:
            found.names.add(json.loads(person).get("name", ""))

    # -- removing it ------------------------------------------------------------------------------

    def _remove(self, contact: Contact, found: _Found, begun: float, tenant: Tenant | None) -> None:
        account_id, conversations = contact.account_id, _conversations(contact, found)
        changes = list(self.store.scan_iter(keys.changed(account_id, "*", "*"), count=_MANY))
        for conversation in conversations:
            prefix = keys.changed(account_id, conversation, "")
            mine = [name for name in changes if name.startswith(prefix)]
            self._forget_conversation(contact, conversation, mine, begun, tenant)
        self._forget_traces(contact, found.traces)
        self._forget_jobs(contact)
        self._forget_alerts(account_id, frozenset(conversations))
        self.unname(account_id, found.names - {""})
        self._forget_answers(tenant, found.texts - {""})
        if tenant is not None:
            persons = [person_of(c, contact.number, "") for c in contact.channels]
            persons += [person_of(0, None, conversation) for conversation in conversations]
            Learning(self.settings).forget(tenant, persons)
        items = [f"{account_id}|{conversation}" for conversation in conversations]
        self._count(contact, "dead_letters", dead_letters.remove(self.settings, KIND, items))
        # last: who comes after a crash finds the conversations by it
        self.store.delete(*(keys.contact(account_id, c, contact.number) for c in contact.channels))

    def _forget_conversation(
        self,
        contact: Contact,
        conversation: str,
        changes: list[str],
        begun: float,
        tenant: Tenant | None,
    ) -> None:
        account_id = contact.account_id
        own = [
            made(account_id, conversation)
            for made in (
                *(keys.history, keys.mailbox, keys.turn, keys.talk, keys.silence, keys.summary),
                *(keys.inbox, keys.person, keys.customers, keys.identity_code, keys.confirmation),
            )
        ]
        with self._taken(self.conversations, f"{account_id}|{conversation}") as lease:
            erased = erase_of_conversation(self.store, self.settings, tenant, conversation)
            self._count(contact, "erp_customers", erased.customers)
            self._count(contact, "erp_orders", erased.orders)
            self.unname(account_id, erased.names)
            lease.finish_with(
                self._erase,
                [_counts(contact), keys.forgotten(account_id, conversation), *own, *changes],
                [keys.ERASING_TTL, repr(begun), keys.FORGOTTEN_TTL],
            )

    def _forget_traces(self, contact: Contact, traces: list[str]) -> None:
        if not traces:
            return
        # a courier who has some of them in hand brings them before we go on, or not at all
        with self._taken(self.traces, contact.account_id):
            for some in _batches(traces):
                gone = self.store.delete(*(keys.trace(contact.account_id, one) for one in some))
                TraceLog(self.store).shipped(contact.account_id, some)
                self._count(contact, "traces", gone)
                self._count(contact, "keys", gone)

    def _forget_jobs(self, contact: Contact) -> None:
        """Jobs that name the contact, with what they were told and what they found out."""
        names = self.store.scan_iter(keys.job(contact.account_id, "*"), count=_MANY)
        for name in names:
            job_id = name.removeprefix(keys.job(contact.account_id, ""))
            if ":" not in job_id and self._is_about(contact, name):
                own = [name, keys.job_items(contact.account_id, job_id), keys.job_owner(job_id)]
                with self._taken(self.jobs, f"{contact.account_id}|{job_id}") as lease:
                    lease.finish_with(self._erase_job, [_counts(contact), *own], [keys.ERASING_TTL])

    def _is_about(self, contact: Contact, name: str) -> bool:
        envelope = json.loads(self.store.hget(name, "envelope") or "{}")
        params = envelope.get("params", {})
        return (
            envelope.get("metadata", {}).get("action") == "replay_turn"
            and params.get("contact_id") == contact.number
            and params.get("channel_id") in contact.channels
        )

    def _forget_alerts(self, account_id: str, conversations: frozenset[str]) -> None:
        for alert in self.store.lrange(keys.alerts(account_id), 0, -1):
            if json.loads(alert).get("conversation") in conversations:
                self.store.lrem(keys.alerts(account_id), 0, alert)

    def unname(self, account_id: str, names: Iterable[str]) -> None:
        """Rows of the audit that Odoo does not have yet say what was done, not for whom."""
        rows = keys.trail_rows(account_id)
        for identity, told in self.store.hgetall(rows).items():
            if not told.startswith("{"):
                continue
            row = json.loads(told)
            for name in names:
                if f" for {name} (" in row["subject"]:
                    subject = row["subject"].replace(f" for {name} (", " for an erased customer (")
                    self._rename(
                        keys=[rows], args=[identity, json.dumps(row | {"subject": subject})]
                    )

    def _forget_answers(self, tenant: Tenant | None, texts: set[str]) -> None:
        """Embeddings of what they wrote, and the answers of searches of the last minutes."""
        cache = cache_store(self.settings)
        names = []
        if tenant is not None:
            names += cache.scan_iter(keys.search_result(tenant.prefix, "*"), count=_MANY)
            texts = texts | {understand(text, tenant.language).text for text in texts}
        digests = {hashlib.sha256(text.encode()).hexdigest() for text in texts}
        if digests:
            kept = cache.scan_iter(keys.embedding("*", "*", "*"), count=_MANY)
            names += [name for name in kept if name.decode().rpartition(":")[2] in digests]
        for some in _batches(names):
            cache.delete(*some)

    def _taken(self, queue: WorkQueue, item: str) -> Lease:
        """The lease of `item`; whoever works on it is waited for."""
        deadline = time.monotonic() + self.settings.turn_timeout
        while (lease := queue.acquire(item)) is None:
            if time.monotonic() > deadline:
                raise Unavailable(
                    "A conversation of the contact is being answered or reported; try again."
                )
            time.sleep(_POLL)
        return lease

    # -- the receipt ------------------------------------------------------------------------------

    def _count(self, contact: Contact, name: str, number: int) -> None:
        if number:
            with self.store.pipeline() as pipe:
                pipe.hincrby(_counts(contact), name, number)
                pipe.expire(_counts(contact), keys.ERASING_TTL)
                pipe.execute()

    def _receipt(self, contact: Contact, written: str, names: Iterable[str]) -> dict[str, Any]:
        told = self.store.hgetall(_counts(contact))
        self.store.delete(_counts(contact))
        receipt = {name: int(told.get(name) or 0) for name in names}
        log.info("contact.forgotten", account=contact.account_id, **receipt)
        return {"at": round(time.time(), 3), **receipt, "append_only_file": written}

    def _servers(self) -> list[redis.Redis]:
        servers = [self.store, cache_store(self.settings)]
        broker = self.settings.broker_url.get_secret_value()
        if not broker.startswith("amqp"):
            servers.append(connect(broker))
        return servers


def _conversations(contact: Contact, found: _Found) -> list[str]:
    return sorted(f"{channel}-{one}" for channel in contact.channels for one in found.conversations)


def _counts(contact: Contact) -> str:
    return keys.erasing(contact.account_id, contact.channel_id, contact.number)


def _batches(names: Iterable[Any]) -> Iterator[list[Any]]:
    """`names` in lists of at most 500."""
    some: list[Any] = []
    for name in names:
        some.append(name)
        if len(some) == _MANY:
            yield some
            some = []
    if some:
        yield some
