"""The durable inbox of a conversation: stored in one transaction, before Chatwoot gets its 200.

An item of the due queue is `<account>|<channel>-<conversation>`.
"""

import json
import time
from dataclasses import asdict, dataclass

import redis

from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import WorkQueue

KIND = "conversations"

# KEYS: seen, mailbox, due   ARGV: seen ttl, entry, item, now, debounce, cap
# A burst moves its due time by the debounce at each message, but never past first + cap.
_STORE = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[2])
local first = cjson.decode(redis.call('LINDEX', KEYS[2], 0))['received_at']
local due = math.min(tonumber(ARGV[4]) + tonumber(ARGV[5]), first + tonumber(ARGV[6]))
due = math.floor(math.max(due, tonumber(ARGV[4])) * 1000) / 1000  -- what is due now is due at once
redis.call('ZADD', KEYS[3], string.format('%.3f', due), ARGV[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One customer message waiting for its answer.

    received_at: unix seconds at our door. contact_phone: E.164, only where the channel proves it.
    inbox_id: None where the event told none.
    """

    message_id: int
    content: str
    received_at: float
    request_id: str
    contact_name: str = ""
    contact_id: int | None = None
    contact_phone: str = ""
    inbox_id: int | None = None


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

    def put(self, account_id: str, conversation: str, digest: str, letter: Letter) -> bool:
        """Keep `letter` unless its event (`digest`) was kept before; True when it is new."""
        stored = self._store(
            keys=[
                keys.seen(account_id, digest),
                keys.mailbox(account_id, conversation),
                keys.due(KIND),
            ],
            args=[
                keys.SEEN_TTL,
                json.dumps(asdict(letter), ensure_ascii=False),
                f"{account_id}|{conversation}",
                time.time(),
                self.settings.debounce,
                self.settings.debounce_cap,
            ],
        )
        return bool(stored)

    def letters(self, account_id: str, conversation: str) -> list[Letter]:
        """All letters that wait, oldest first."""
        raw = self.store.lrange(keys.mailbox(account_id, conversation), 0, -1)
        return [Letter(**json.loads(entry)) for entry in raw]

    def count(self, account_id: str, conversation: str) -> int:
        """How many letters wait."""
        return self.store.llen(keys.mailbox(account_id, conversation))


def conversation_queue(store: redis.Redis, settings: Settings) -> WorkQueue:
    """The due queue of conversations."""
    return WorkQueue(store, KIND, settings.lease_ttl)
