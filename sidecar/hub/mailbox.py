"""The durable inbox of a conversation: stored in one transaction, before Chatwoot gets its 200.

An item of the due queue is `<account>|<channel>-<conversation>`. Letters only leave at the front,
by the worker that answered them; what is edited or deleted meanwhile changes in its place.

A mailbox holds `MOST_WAITING` letters: of a longer burst the beginning is kept and the newest one,
which tells how many between them were left out. Chatwoot still has those.
"""

import json
import time
from dataclasses import asdict, dataclass
from typing import Any

import redis

from sidecar.chatwoot.payloads import Attachment
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import WorkQueue

KIND = "conversations"
MOST_WAITING = 100  # letters of a conversation that nobody has answered yet

# `left_out` ends an entry that has it: customers' words are quoted, and never stand there.
_LEFT_OUT = """
local function left_out(entry)
  return tonumber(string.match(entry, ', "left_out": (%d+)}$') or '0')
end
local function with_left_out(entry, number)
  if number == 0 then return entry end
  return string.sub(entry, 1, -2) .. ', "left_out": ' .. number .. '}'
end
"""

# KEYS: seen, mailbox, due, changed, contact
# ARGV: seen ttl, entry, item, now, debounce, cap, conversation (0 = nobody is known), contact's
# ttl, most letters. A burst moves its due time by the debounce at each message, but never past
# first + cap. A change that came before its message stands in for it.
_STORE = (
    _LEFT_OUT
    + """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
local entry = redis.call('GET', KEYS[4]) or ARGV[2]
if redis.call('LLEN', KEYS[2]) < tonumber(ARGV[9]) then
  redis.call('RPUSH', KEYS[2], entry)
else
  local number = left_out(redis.call('LINDEX', KEYS[2], -1)) + 1
  redis.call('LSET', KEYS[2], -1, with_left_out(entry, number))
end
local first = cjson.decode(redis.call('LINDEX', KEYS[2], 0))['received_at']
local due = math.min(tonumber(ARGV[4]) + tonumber(ARGV[5]), first + tonumber(ARGV[6]))
due = math.floor(math.max(due, tonumber(ARGV[4])) * 1000) / 1000  -- what is due now is due at once
redis.call('ZADD', KEYS[3], string.format('%.3f', due), ARGV[3])
if ARGV[7] ~= '0' then
  redis.call('SADD', KEYS[5], ARGV[7])
  redis.call('EXPIRE', KEYS[5], ARGV[8])
end
return 1
"""
)

# KEYS: seen, mailbox, changed, contact
# ARGV: seen ttl, entry, how it begins, changed ttl, conversation (0 = nobody is known), contact's
# ttl. An entry begins with its message id, so that none has to be parsed.
_CHANGE = (
    _LEFT_OUT
    + """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
for place, kept in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  if string.sub(kept, 1, #ARGV[3]) == ARGV[3] then
    redis.call('LSET', KEYS[2], place - 1, with_left_out(ARGV[2], left_out(kept)))
    return 1
  end
end
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[4])
if ARGV[5] ~= '0' then
  redis.call('SADD', KEYS[4], ARGV[5])
  redis.call('EXPIRE', KEYS[4], ARGV[6])
end
return 0
"""
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One customer message waiting for its answer.

    received_at: unix seconds at our door. contact_phone, contact_email: only where the channel
    proves them. inbox_id: None where the event told none. channel: Chatwoot's kind of channel.
    since: unix seconds the conversation began. sent_at: unix seconds of the message, by Chatwoot's
    clock. deleted: the customer took it back. left_out: letters before it that found no room.
    """

    message_id: int
    content: str
    received_at: float
    request_id: str
    contact_name: str = ""
    contact_id: int | None = None
    contact_phone: str = ""
    contact_email: str = ""
    inbox_id: int | None = None
    channel: str = ""
    since: float | None = None
    sent_at: float | None = None
    attachments: tuple[Attachment, ...] = ()
    deleted: bool = False
    left_out: int = 0

    def to_json(self) -> str:
        told = asdict(self)
        del told["left_out"]  # counted where the letters are kept
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Letter":
        told: dict[str, Any] = json.loads(text)
        files = tuple(Attachment(**file) for file in told.pop("attachments", ()))
        return cls(**told, attachments=files)


def in_order(letters: list[Letter]) -> list[Letter]:
    """As the customer sent them; webhooks arrive in any order."""
    return sorted(letters, key=lambda one: (one.sent_at or one.received_at, one.message_id))


def split_item(item: str) -> tuple[str, str]:
    """(account id, conversation key) of an item."""
    account_id, _, conversation = item.partition("|")
    return account_id, conversation


class Mailbox:
    """Letters of all conversations; each call names the account and the conversation."""

    def __init__(self, store: redis.Redis, settings: Settings):
        self.store = store
        self.settings = settings
        self._store = store.register_script(_STORE)
        self._change = store.register_script(_CHANGE)

    def put(self, account_id: str, conversation: str, digest: str, letter: Letter) -> bool:
        """Keep `letter` unless its event (`digest`) was kept before; True when it is new."""
        stored = self._store(
            keys=[
                keys.seen(account_id, digest),
                keys.mailbox(account_id, conversation),
                keys.due(KIND),
                keys.changed(account_id, conversation, letter.message_id),
                _contact(account_id, conversation, letter),
            ],
            args=[
                keys.SEEN_TTL,
                letter.to_json(),
                f"{account_id}|{conversation}",
                time.time(),
                self.settings.debounce,
                self.settings.debounce_cap,
                conversation if letter.contact_id else "0",
                keys.CONTACT_TTL,
                MOST_WAITING,
            ],
        )
        return bool(stored)

    def change(self, account_id: str, conversation: str, digest: str, letter: Letter) -> bool:
        """Put `letter` in the place of the one with its message id; True when that still waits.

        A change that is told before its message waits five minutes for it.
        """
        changed = self._change(
            keys=[
                keys.seen(account_id, digest),
                keys.mailbox(account_id, conversation),
                keys.changed(account_id, conversation, letter.message_id),
                _contact(account_id, conversation, letter),
            ],
            args=[
                keys.SEEN_TTL,
                letter.to_json(),
                f'{{"message_id": {letter.message_id}, ',
                keys.CHANGED_TTL,
                conversation if letter.contact_id else "0",
                keys.CONTACT_TTL,
            ],
        )
        return bool(changed)

    def letters(self, account_id: str, conversation: str) -> list[Letter]:
        """All letters that wait, as they arrived, those taken back too."""
        raw = self.store.lrange(keys.mailbox(account_id, conversation), 0, -1)
        return [Letter.from_json(entry) for entry in raw]

    def count(self, account_id: str, conversation: str) -> int:
        """How many letters wait."""
        return self.store.llen(keys.mailbox(account_id, conversation))


def _contact(account_id: str, conversation: str, letter: Letter) -> str:
    """The key of the contact's conversations, by which an erasure finds them."""
    channel = conversation.partition("-")[0]
    return keys.contact(account_id, channel, letter.contact_id or 0)


def conversation_queue(store: redis.Redis, settings: Settings) -> WorkQueue:
    """The due queue of conversations."""
    return WorkQueue(store, KIND, settings.lease_ttl)
