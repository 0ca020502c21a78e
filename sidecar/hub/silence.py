"""Where a conversation stands: whether a person speaks for the shop, and what the bot has begun.

Written by the door, at once, and by the desk. Events may arrive in any order, so each change
carries Chatwoot's time, and an older one never undoes a newer one. Our own clock is never asked:
it may differ by minutes. What we do ourselves, and what Chatwoot tells without a time, comes after
all that is known by then.
"""

from dataclasses import dataclass

import redis

from sidecar.chatwoot.takeover import Turnover
from sidecar.store import keys

# KEYS: silence   ARGV: at, reason, ttl, after all that is known?
# True when the bot was not silent before.
_SILENCE = """
local at = tonumber(ARGV[1])
local lifted = tonumber(redis.call('HGET', KEYS[1], 'lifted') or '0')
local before = tonumber(redis.call('HGET', KEYS[1], 'at') or '0')
if ARGV[4] == '1' then at = math.max(at, before + 0.001, lifted + 0.001) end
if at <= lifted then return 0 end
if at > before then
  redis.call('HSET', KEYS[1], 'at', string.format('%.3f', at), 'reason', ARGV[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return before == 0 and 1 or 0
"""

# KEYS: silence, talk   ARGV: at (0 = after all that is known), lift?, close?, ttl, talk ttl.
# True when the silence ended.
# What a person said meanwhile is not in the history: it is read from Chatwoot again.
_LIFT = """
local at, ended = tonumber(ARGV[1]), 0
if ARGV[3] == '1' then redis.call('DEL', KEYS[2]) end
if ARGV[2] == '1' then
  local lifted = tonumber(redis.call('HGET', KEYS[1], 'lifted') or '0')
  local silent = redis.call('HGET', KEYS[1], 'at')
  if at == 0 then at = math.max(tonumber(silent or '0'), lifted) + 0.001 end
  if at > lifted then redis.call('HSET', KEYS[1], 'lifted', string.format('%.3f', at)) end
  if silent and tonumber(silent) < at then
    redis.call('HDEL', KEYS[1], 'at', 'reason')
    ended = 1
  end
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  if ended == 1 then
    redis.call('HSET', KEYS[2], 'refresh', '1')
    redis.call('EXPIRE', KEYS[2], ARGV[5])
  end
end
return ended
"""


class Silence:
    """Who speaks in any conversation. Safe to share between threads."""

    def __init__(self, store: redis.Redis, talk_ttl: int):
        self.store = store
        self._talk_ttl = talk_ttl
        self._silence = store.register_script(_SILENCE)
        self._lift = store.register_script(_LIFT)

    def observe(
        self, account_id: str, conversation: str, seen: Turnover, acts_on: str, returns: str
    ) -> bool:
        """Keep what an event told, in one transaction; True when it silenced or freed the bot."""
        if seen.change == "taken_over":
            return self.begin(account_id, conversation, seen.reason, seen.at)
        lift = {
            "given_back": returns == "pending",
            "unassigned": returns == "pending" and acts_on == "unassigned",
            # who is silent until the next resolve, or until then at the latest
            "resolved": returns in ("pending", "resolved"),
        }[seen.change]
        ended = self._lift(
            keys=[keys.silence(account_id, conversation), keys.talk(account_id, conversation)],
            args=[
                repr(seen.at),
                int(lift),
                int(seen.change == "resolved"),
                keys.SILENCE_TTL,
                self._talk_ttl,
            ],
        )
        return bool(ended)

    def begin(
        self, account_id: str, conversation: str, reason: str, at: float, ours: bool = False
    ) -> bool:
        """A person speaks since `at`; True when the bot did before.

        at: unix seconds by Chatwoot's clock; 0 where it does not say. ours: we do it ourselves now,
        later than `at`.
        """
        begun = self._silence(
            keys=[keys.silence(account_id, conversation)],
            args=[repr(at), reason, keys.SILENCE_TTL, int(ours or not at)],
        )
        return bool(begun)

    def reason(self, account_id: str, conversation: str) -> str:
        """Why the bot is silent (`human_reply`, `handed_off`, …), or ""."""
        return self.store.hget(keys.silence(account_id, conversation), "reason") or ""


@dataclass(frozen=True, slots=True)
class Talk:
    """What the bot has begun in a conversation, until it is resolved.

    crew: chosen by the customer or by a crew, "" for the channel's. attendant: who speaks, by the
    menu. asked: how often the menu was shown without a clear answer. question: what waits for the
    customer's choice. failures: turns in a row without an answer. refresh: the history has gaps.
    sought, shown: the question that products were last listed for, and these (`hub/learning.py`).
    """

    crew: str = ""
    attendant: str = ""
    asked: int = 0
    question: str = ""
    greeted: bool = False
    failures: int = 0
    refresh: bool = False
    sought: str = ""
    shown: str = ""

    @classmethod
    def read(cls, store: redis.Redis, account_id: str, conversation: str) -> "Talk":
        """The conversation's, from Redis."""
        told = store.hgetall(keys.talk(account_id, conversation))
        return cls(
            crew=told.get("crew", ""),
            attendant=told.get("attendant", ""),
            asked=int(told.get("asked") or 0),
            question=told.get("question", ""),
            greeted=told.get("greeted") == "1",
            failures=int(told.get("failures") or 0),
            refresh=told.get("refresh") == "1",
            sought=told.get("sought", ""),
            shown=told.get("shown", ""),
        )

    def to_hash(self) -> dict[str, str]:
        """As `read` reads it."""
        return {
            "crew": self.crew,
            "attendant": self.attendant,
            "asked": str(self.asked),
            "question": self.question,
            "greeted": str(int(self.greeted)),
            "failures": str(self.failures),
            "refresh": str(int(self.refresh)),
            "sought": self.sought,
            "shown": self.shown,
        }
