"""Keys of ERPs that send their data: scoped, expiring, known by their hash alone.

A key is looked up in the store at every request, so one that was revoked is refused from the next
request on.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass

import redis

from sidecar.context import check_account_id
from sidecar.errors import BadRequest, Forbidden, NotFound, TooManyRequests, Unauthorized
from sidecar.store import keys
from sidecar.tenants.pushing import KINDS, Kind

SCOPES = (*KINDS, *(f"{kind}:read" for kind in KINDS))
"""A kind alone lets a key send it; `:read` lets it see what was kept of a record."""

LONGEST_DAYS = 3650
_MOST = 100  # keys of one account
_LONGEST = 200
_MINUTE = 60
_DAY = 86_400
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,80}")


@dataclass(frozen=True, slots=True)
class PushKey:
    """expires: unix time from which it is refused."""

    id: str
    account_id: str
    name: str
    sha256: str
    scopes: tuple[str, ...]
    created: int
    expires: int

    @classmethod
    def from_json(cls, text: str) -> "PushKey":
        told = json.loads(text)
        return cls(**told | {"scopes": tuple(told["scopes"])})

    def require(self, kind: Kind, reading: bool = False) -> None:
        """Forbidden unless a scope of the key allows it."""
        scope = f"{kind}:read" if reading else kind
        if scope not in self.scopes:
            raise Forbidden(f"This key lacks the scope {scope}.", scope=scope)


class PushKeys:
    """Keys of all accounts. Safe to share by threads. Raises RedisError."""

    def __init__(self, store: redis.Redis, clock: Callable[[], float] = time.time):
        self._store = store
        self._clock = clock

    def create(
        self, account_id: str, scopes: Collection[str], name: str = "", days: int = 365
    ) -> tuple[PushKey, str]:
        """A new key and its text, which is told this once. BadRequest for wrong wishes."""
        check_account_id(account_id)
        wanted = tuple(scope for scope in SCOPES if scope in scopes)
        if not wanted or len(wanted) != len(set(scopes)):
            raise BadRequest(f"Scopes are {', '.join(SCOPES)}, one or more of them.")
        if not 0 < days <= LONGEST_DAYS:
            raise BadRequest(f"A key lives 1 to {LONGEST_DAYS} days.")
        if name and not _NAME.fullmatch(name):
            raise BadRequest("A key's name is one line of at most 80 characters.")
        if self._store.hlen(keys.push_keys(account_id)) >= _MOST:
            raise BadRequest(f"An account has at most {_MOST} keys: revoke one first.")
        text, now = f"erp_{secrets.token_urlsafe(32)}", int(self._clock())
        key = PushKey(
            id=secrets.token_hex(4),
            account_id=account_id,
            name=name,
            sha256=_digest(text),
            scopes=wanted,
            created=now,
            expires=now + days * _DAY,
        )
        with self._store.pipeline() as pipe:
            pipe.hset(keys.push_keys(account_id), key.id, json.dumps(asdict(key)))
            pipe.set(keys.push_route(key.sha256), account_id)
            pipe.execute()
        return key, text

    def of(self, account_id: str) -> list[PushKey]:
        """An account's keys, the oldest first."""
        kept = self._store.hgetall(keys.push_keys(check_account_id(account_id)))
        return sorted(map(PushKey.from_json, kept.values()), key=lambda key: (key.created, key.id))

    def revoke(self, account_id: str, key_id: str) -> None:
        """NotFound for an id that the account does not have."""
        kept = self._store.hget(keys.push_keys(check_account_id(account_id)), key_id)
        if kept is None:
            raise NotFound(f"{account_id} has no key {key_id[:64]!r}.")
        with self._store.pipeline() as pipe:
            pipe.delete(keys.push_route(PushKey.from_json(kept).sha256))
            pipe.hdel(keys.push_keys(account_id), key_id)
            pipe.execute()

    def admit(self, authorization: str, api_key: str = "") -> PushKey:
        """The key of an Authorization header (Bearer, or Basic with the key for password) or an
        X-API-Key header; one uniform Unauthorized for whatever is wrong.
        """
        presented = _presented(authorization) if authorization else api_key.strip()
        if not 0 < len(presented) <= _LONGEST:
            raise Unauthorized
        digest = _digest(presented)
        account_id = self._store.get(keys.push_route(digest))
        for key in self.of(account_id) if account_id else ():
            if hmac.compare_digest(key.sha256, digest) and self._clock() < key.expires:
                return key
        raise Unauthorized

    def count(self, key: PushKey, most: int) -> None:
        """Book a request. TooManyRequests, with `details.retry_after`, beyond `most` a minute."""
        now = int(self._clock())
        counter = keys.push_requests(key.account_id, key.id, now // _MINUTE)
        with self._store.pipeline() as pipe:
            pipe.incr(counter)
            pipe.expire(counter, 2 * _MINUTE)
            count, _set = pipe.execute()
        if count > most:
            wait = _MINUTE - now % _MINUTE
            raise TooManyRequests(
                f"This key may make {most} requests a minute; try again in {wait} s.",
                retry_after=wait,
            )


def _presented(authorization: str) -> str:
    scheme, _, told = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return told.strip()
        case "basic":
            try:
                pair = base64.b64decode(told.strip(), validate=True).decode()
            except ValueError:
                return ""
            return pair.partition(":")[2]
    return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
