"""Previews that wait for a yes: a token, single use, bound to whom and to what it was given for.

In a conversation the newest preview waits alone, so that a "yes" can mean only one thing, and only
where the turn that made it showed it too (`settle`). It counts when the customer's own words agree
(`consent`), when they were said after it was shown, and a bare "yes" only in the turn right after
it: later the customer must name what they agree to. Since letters are answered in the order they
came, what was said is told by when its first letter arrived, also when a turn is begun again.

A claimed preview is not given to anybody else. What is done carries an idempotency key that follows
from the token, so a write whose answer was lost is tried again under the same key.
"""

import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis

from sidecar.store import keys
from sidecar.store.connection import RedisError, unavailable
from sidecar.tools.consent import consent
from sidecar.tools.problems import ToolProblem

LIFE = 600
CLAIM = 30  # seconds after which the worker that claimed it is taken to be dead
_KEYS = uuid.UUID("3b1f9f0c-6a55-4c8e-9a51-5b7d0f3c2e84")  # the space of our idempotency keys

# KEYS: preview   ARGV: token, bound, turn, said at, now, claim seconds, conversation?, consent
_CLAIM = """
local kept = redis.call('HMGET', KEYS[1], 'token', 'bound', 'turn', 'at', 'answered', 'claimed')
if kept[1] ~= ARGV[1] then return 'unknown' end
if kept[2] ~= ARGV[2] then return 'other' end
if ARGV[7] == '1' then
  if kept[3] == ARGV[3] or tonumber(ARGV[4]) <= tonumber(kept[4]) then return 'early' end
  if ARGV[8] == 'refused' then
    redis.call('DEL', KEYS[1])
    return 'refused'
  end
  if not kept[5] then
    redis.call('HSET', KEYS[1], 'answered', ARGV[4])
  elseif tonumber(kept[5]) ~= tonumber(ARGV[4]) and ARGV[8] ~= 'confirmed' then
    return 'late'
  end
  if ARGV[8] == 'unclear' then return 'unclear' end
end
if kept[6] and tonumber(ARGV[5]) - tonumber(kept[6]) < tonumber(ARGV[6]) then return 'busy' end
redis.call('HSET', KEYS[1], 'claimed', ARGV[5])
return 'ok'
"""

# KEYS: preview   ARGV: turn, whether it shows its preview, now
# It waits from the moment it is shown; what an earlier turn showed goes on waiting.
_SETTLE = """
local kept = redis.call('HMGET', KEYS[1], 'turn', 'shown')
if not kept[1] then return 0 end
if kept[1] == ARGV[1] and ARGV[2] == '1' then
  if not kept[2] then redis.call('HSET', KEYS[1], 'shown', '1', 'at', ARGV[3]) end
  return 0
end
if kept[1] ~= ARGV[1] and kept[2] then return 0 end
return redis.call('DEL', KEYS[1])
"""

# KEYS: preview   ARGV: token
_DROP = """
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# KEYS: preview   ARGV: turn, said at. The first turn after the preview is the one that answers it.
_LOOK = """
local kept = redis.call('HMGET', KEYS[1], 'turn', 'at', 'answered')
if kept[1] and kept[1] ~= ARGV[1] and tonumber(ARGV[2]) > tonumber(kept[2]) and not kept[3] then
  redis.call('HSET', KEYS[1], 'answered', ARGV[2])
end
return redis.call('HGETALL', KEYS[1])
"""

_SENTENCES = {
    "unknown": "There is no such preview (any more). Call the tool without a confirmation, show the"
    " preview and ask again.",
    "other": "The confirmation is for something else. Call the tool without a confirmation, show"
    " the new preview and ask again.",
    "early": "The customer has not seen the preview yet. Show it, ask whether it is right, and call"
    " again when they have answered.",
    "late": "The customer's yes came too late to be about the preview. Call the tool without a"
    " confirmation, show the preview and ask again.",
    "busy": "It is being done right now; do not call again.",
    "unclear": "The customer's own words do not clearly agree to the preview. Ask for a plain yes,"
    " or make a new preview of what they want instead.",
    "refused": "The customer did not agree, so nothing was done. Ask what they want instead.",
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Whom a preview is made for, and the moment. conversation: "" = confirmed by a program."""

    partner_id: int | None
    conversation: str
    key: str
    turn: str
    said_at: float
    words: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A preview that waits for the customer's answer, to be told to the model of the next turn."""

    tool: str
    arguments: dict[str, Any]
    preview: dict[str, Any]
    confirmation: str


class Confirmations:
    """The previews of one tenant."""

    def __init__(self, store: redis.Redis, account_id: str, clock: Callable[[], float] = time.time):
        self._store = store
        self._account_id = account_id
        self._clock = clock
        self._claim = store.register_script(_CLAIM)
        self._look = store.register_script(_LOOK)
        self._drop = store.register_script(_DROP)
        self._settle = store.register_script(_SETTLE)

    def offer(
        self, asker: Asker, tool: str, arguments: dict[str, Any], preview: dict[str, Any]
    ) -> str:
        """The token of a new preview; an earlier one of the conversation is gone."""
        token = secrets.token_urlsafe(16)
        key = self._key(asker, token)
        kept = {
            "token": token,
            "bound": _bound(asker, tool, arguments),
            "turn": asker.turn,
            "at": repr(self._clock()),
            "tool": tool,
            "arguments": json.dumps(arguments),
            "preview": json.dumps(preview),
        }
        try:
            with self._store.pipeline() as pipe:
                pipe.delete(key)
                pipe.hset(key, mapping=kept)
                pipe.expire(key, LIFE)
                pipe.execute()
        except RedisError as error:
            raise unavailable(error) from None
        return token

    def pending(self, conversation: str, turn: str, said_at: float) -> Pending | None:
        """The preview that the customer's words of this turn may answer; asked for in each turn.

        None in the turn that made it.
        """
        try:
            told = self._look(
                keys=[keys.confirmation(self._account_id, conversation)],
                args=[turn, repr(said_at)],
            )
        except RedisError as error:
            raise unavailable(error) from None
        kept = dict(zip(told[::2], told[1::2], strict=True))
        if "answered" not in kept:
            return None
        return Pending(
            kept["tool"],
            json.loads(kept["arguments"]),
            json.loads(kept["preview"]),
            kept["token"],
        )

    def claim(
        self, asker: Asker, tool: str, arguments: dict[str, Any], token: str, cancelling: bool
    ) -> str:
        """The idempotency key of what may now be done. ToolProblem when it may not.

        `drop` it when it is done or cannot be done, `release` it when nobody knows.
        """
        said = consent(asker.words, cancelling, tool)
        try:
            told = self._claim(
                keys=[self._key(asker, token)],
                args=[
                    token,
                    _bound(asker, tool, arguments),
                    asker.turn,
                    repr(asker.said_at),
                    repr(self._clock()),
                    CLAIM,
                    int(bool(asker.conversation)),
                    said.value,
                ],
            )
        except RedisError as error:
            raise unavailable(error) from None
        if told != "ok":
            raise ToolProblem("confirmation", _SENTENCES[told])
        return str(uuid.uuid5(_KEYS, f"{self._account_id}\0{token}"))

    def release(self, asker: Asker, token: str) -> None:
        """Nobody knows whether it was done: the same token may try again, under the same key."""
        try:
            self._store.hdel(self._key(asker, token), "claimed")
        except RedisError as error:
            raise unavailable(error) from None

    def drop(self, asker: Asker, token: str) -> None:
        """It is done, or will not be."""
        try:
            self._drop(keys=[self._key(asker, token)], args=[token])
        except RedisError as error:
            raise unavailable(error) from None

    def settle(self, conversation: str, turn: str, shown: bool) -> None:
        """The turn is decided. shown: it tells the customer its preview, and asks.

        A preview that was made and never shown (another answer was posted, a person took over, it
        became a draft) is gone: no later "yes" can mean it.
        """
        try:
            self._settle(
                keys=[keys.confirmation(self._account_id, conversation)],
                args=[turn, int(shown), repr(self._clock())],
            )
        except RedisError as error:
            raise unavailable(error) from None

    def _key(self, asker: Asker, token: str) -> str:
        scope = asker.conversation or hashlib.sha256(token.encode()).hexdigest()
        return keys.confirmation(self._account_id, scope)


def _bound(asker: Asker, tool: str, arguments: dict[str, Any]) -> str:
    """A digest of whom and what a token is for."""
    what = [asker.partner_id, asker.conversation, asker.key, tool, arguments]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
