"""One-time codes by e-mail: six digits, ten minutes, five tries; three an hour at most for a
conversation and for an address, twenty for a key of an MCP client, which may begin any number of
sessions.

The store holds an HMAC of the code under the house's key, so whoever reads the store cannot try
all codes out. Nothing here tells whether an address is known: the ERP sends the code where exactly
one customer has the address, and answers the same in any case.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable

import redis

from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import RedisError, unavailable
from sidecar.tools.problems import ToolProblem

LIFE, TRIES = 600, 5
CODES, KEYS_CODES, WINDOW = 3, 20, 3600

# KEYS: counters   ARGV: seconds, then the limit of each counter
_TAKE = """
for place, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[place + 1]) then return 0 end
end
for _, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[1]) end
end
return 1
"""

# KEYS: code   ARGV: tries. Each look counts as a try.
_TRY = """
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) > tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  return {}
end
return redis.call('HMGET', KEYS[1], 'mac', 'email')
"""


class IdentityCodes:
    """The codes of one tenant's conversation. client: id of the MCP client's key, "" = none."""

    def __init__(
        self,
        store: redis.Redis,
        settings: Settings,
        account_id: str,
        conversation: str,
        client: str = "",
    ):
        self._store = store
        self._settings = settings
        self._account_id = account_id
        self._conversation = conversation
        self._client = client
        self._key = keys.identity_code(account_id, conversation)
        self._take = store.register_script(_TAKE)
        self._try = store.register_script(_TRY)

    def send(self, email: str, deliver: Callable[[str], object]) -> None:
        """Make a code for `email` and hand it to `deliver`; an earlier one is gone.

        ToolProblem beyond the limit; errors of `deliver` are passed on, and the code is gone.
        """
        limits = {
            self._counter("conversation", self._conversation): CODES,
            self._counter("address", unicodedata.normalize("NFKC", email).casefold()): CODES,
        }
        if self._client:
            limits[self._counter("client", self._client)] = KEYS_CODES
        code = f"{secrets.randbelow(10**6):06d}"
        try:
            if not self._take(keys=list(limits), args=[WINDOW, *limits.values()]):
                raise ToolProblem(
                    "limit",
                    "Too many codes were asked for. Offer to call a person, or to try again in an"
                    " hour.",
                )
            with self._store.pipeline() as pipe:
                pipe.delete(self._key)
                # letter by letter as it was mailed to: folded, ß would become another's ss
                pipe.hset(self._key, mapping={"mac": self._mac(email, code), "email": email})
                pipe.expire(self._key, LIFE)
                pipe.execute()
            sent = False
            try:
                deliver(code)
                sent = True
            finally:
                if not sent:
                    self._store.delete(self._key)
        except RedisError as error:
            raise unavailable(error) from None

    def check(self, code: str) -> str | None:
        """The address whose code this is, once; None when it is not, or not any more."""
        try:
            told = self._try(keys=[self._key], args=[TRIES])
            if not told or not hmac.compare_digest(told[0], self._mac(told[1], code)):
                return None
            return told[1] if self._store.delete(self._key) else None
        except RedisError as error:
            raise unavailable(error) from None

    def _mac(self, address: str, code: str) -> str:
        said = "\0".join((self._account_id, self._conversation, address, code))
        return hmac.new(_secret(self._settings), said.encode(), "sha256").hexdigest()

    def _counter(self, kind: str, value: str) -> str:
        said = f"{kind}\0{value}".encode()
        digest = hmac.new(_secret(self._settings), said, "sha256").hexdigest()
        return keys.identity_count(self._account_id, digest[:32])


def _secret(settings: Settings) -> bytes:
    first = settings.secret_key.get_secret_value().split(",")[0].strip()
    if not first:
        raise ToolProblem(
            "unsupported", "This house cannot send codes. Hand over to a person instead."
        )
    return hashlib.sha256(b"identity codes\0" + base64.b64decode(first)).digest()
