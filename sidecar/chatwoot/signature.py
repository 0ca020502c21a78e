"""Signatures of Chatwoot's webhooks (4.11.2 and later for account hooks, 4.13 for agent bots).

`X-Chatwoot-Signature: sha256=<hex>` is the HMAC-SHA256 of `<timestamp>.<raw body>` under the hook's
secret; the timestamp is unix seconds in `X-Chatwoot-Timestamp`, new on each attempt.
"""

import hashlib
import hmac
from collections.abc import Mapping

TIMESTAMP_HEADER = "X-Chatwoot-Timestamp"
SIGNATURE_HEADER = "X-Chatwoot-Signature"
DELIVERY_HEADER = "X-Chatwoot-Delivery"

_LONGEST_TIMESTAMP = 12


def sign(raw: bytes, secret: str, timestamp: int) -> dict[str, str]:
    """The two headers that sign `raw` at `timestamp` (unix seconds)."""
    return {
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: _expected(raw, secret, str(timestamp)).decode(),
    }


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether the sender signed at all; old versions and hooks without a secret do not."""
    return bool(_header(headers, SIGNATURE_HEADER) or _header(headers, TIMESTAMP_HEADER))


def verify(
    raw: bytes, headers: Mapping[str, str], secret: str, now: float, skew: float = 300
) -> bool:
    """Whether `raw`, as received, was signed with `secret` within `skew` seconds of `now`.

    An empty secret verifies nothing. Never raises, whatever the headers hold.
    """
    timestamp = _header(headers, TIMESTAMP_HEADER)
    given = _header(headers, SIGNATURE_HEADER)
    # isdecimal alone would accept other scripts' digits, which int() reads as well.
    if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > _LONGEST_TIMESTAMP:
        return False
    if not secret or abs(now - int(timestamp)) > skew:
        return False
    return hmac.compare_digest(
        _expected(raw, secret, timestamp), given.encode("utf-8", "surrogatepass")
    )


def _expected(raw: bytes, secret: str, timestamp: str) -> bytes:
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256)
    return b"sha256=" + mac.hexdigest().encode()


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if value is None:
        wanted = name.lower()
        value = next((v for k, v in headers.items() if k.lower() == wanted), "")
    return value
