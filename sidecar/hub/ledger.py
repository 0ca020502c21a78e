"""The ledger of a conversation's last turn (`{a}:turn:{conversation}`).

A turn is written here before any of it is posted, and each thing that was done is ticked off. So
whoever comes after a crash carries out the same turn, and only has to look up the one thing that
may or may not have happened.
"""

import json
import time
from dataclasses import dataclass

import redis

from sidecar.hub.history import Said
from sidecar.hub.turn import Case, Turn
from sidecar.settings import Settings
from sidecar.store import keys

# KEYS: lease, due, hint, mailbox, turn, history, talk
# ARGV: holder, item, letters done, ledger ttl, history kept, through, talk fields (0 = as it was,
# -1 = the conversation is over), talk…, history entries…
_FINISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local done = tonumber(ARGV[3])
local last = done > 0 and redis.call('LINDEX', KEYS[4], done - 1)
-- in a full mailbox a newer letter may have taken the place of the last one
if last and cjson.decode(last)['message_id'] > tonumber(ARGV[6]) then done = done - 1 end
redis.call('LTRIM', KEYS[4], done, -1)
if redis.call('LLEN', KEYS[4]) == 0 then redis.call('ZREM', KEYS[2], ARGV[2]) end
local through = math.max(tonumber(redis.call('HGET', KEYS[5], 'through') or '0'), tonumber(ARGV[6]))
redis.call('DEL', KEYS[5])
redis.call('HSET', KEYS[5], 'state', 'done', 'through', string.format('%d', through))
redis.call('EXPIRE', KEYS[5], ARGV[4])
local fields = tonumber(ARGV[7])
if fields == -1 then
  redis.call('DEL', KEYS[7])
  redis.call('HSET', KEYS[5], 'resolved', '1')
  fields = 0
end
for i = 8, 7 + fields, 2 do redis.call('HSET', KEYS[7], ARGV[i], ARGV[i + 1]) end
if fields > 0 then redis.call('EXPIRE', KEYS[7], ARGV[4]) end
for i = 8 + fields, #ARGV do redis.call('RPUSH', KEYS[6], ARGV[i]) end
redis.call('LTRIM', KEYS[6], -tonumber(ARGV[5]), -1)
redis.call('EXPIRE', KEYS[6], ARGV[4])
redis.call('DEL', KEYS[1], KEYS[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says. turn: one that is being carried out, or None.

    ticked: what of it was surely done. attempts: failed tries since the last turn was done;
    error: the code of the last one. resolved: the last turn was a goodbye that ended it.
    """

    turn: Turn | None = None
    ticked: frozenset[str] = frozenset()
    attempts: int = 0
    error: str = ""
    resolved: bool = False


class Ledger:
    """Ledgers of all conversations. Safe to share between threads."""

    def __init__(self, store: redis.Redis, settings: Settings):
        self.store = store
        self.settings = settings
        self._finish = store.register_script(_FINISH)

    def read(self, account_id: str, conversation: str) -> Entry:
        """The conversation's entry."""
        told = self.store.hgetall(keys.turn(account_id, conversation))
        attempts = int(told.get("attempts") or 0)
        if told.get("state") != "posting" or "turn" not in told:
            return Entry(attempts=attempts, resolved=told.get("resolved") == "1")
        ticked = frozenset(name for name in told if name.startswith("did:"))
        return Entry(Turn.from_json(told["turn"]), ticked, attempts, told.get("error", ""))

    def through(self, account_id: str, conversation: str) -> int:
        """The latest message id that was dealt with; 0 when the ledger knows none."""
        return int(self.store.hget(keys.turn(account_id, conversation), "through") or 0)

    def write(self, case: Case, turn: Turn) -> None:
        """The turn will be carried out from now on."""
        self.store.hset(
            keys.turn(case.account_id, case.conversation),
            mapping={"state": "posting", "turn": turn.to_json()},
        )

    def tick(self, case: Case, name: str) -> None:
        """One thing of the turn was done."""
        self.store.hset(keys.turn(case.account_id, case.conversation), f"did:{name}", "1")

    def failed(self, account_id: str, conversation: str, code: str) -> int:
        """Count a failed try; how many there were."""
        key = keys.turn(account_id, conversation)
        with self.store.pipeline() as pipe:
            pipe.hincrby(key, "attempts", 1)
            pipe.hset(key, "error", code)
            attempts, _ = pipe.execute()
        return attempts

    def finish(self, case: Case, turn: Turn, said: list[Said]) -> None:
        """The turn is done: letters leave, history and standing are kept, the lease ends.

        One transaction. LeaseLost when somebody else works on the conversation.
        """
        talk = [
            part for pair in (turn.talk.to_hash() if turn.talk else {}).items() for part in pair
        ]
        case.lease.finish_with(
            self._finish,
            [
                keys.mailbox(case.account_id, case.conversation),
                keys.turn(case.account_id, case.conversation),
                keys.history(case.account_id, case.conversation),
                keys.talk(case.account_id, case.conversation),
            ],
            [
                turn.count,
                self.settings.history_days * 86400,
                self.settings.history_messages * 2,  # the older half is there to be summarized
                turn.through,
                -1 if turn.resolve else len(talk),
                *([] if turn.resolve else talk),
                *(json.dumps(one, ensure_ascii=False) for one in said),
            ],
        )

    def alert(self, account_id: str, conversation: str, reason: str) -> None:
        """Leave word for the operator."""
        entry = json.dumps({"at": time.time(), "conversation": conversation, "reason": reason})
        with self.store.pipeline() as pipe:
            pipe.lpush(keys.alerts(account_id), entry)
            pipe.ltrim(keys.alerts(account_id), 0, keys.ALERTS_KEPT - 1)
            pipe.execute()
