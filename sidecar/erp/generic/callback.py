"""The one call that an ERP which sends its data may get: signed, bounded, and never too often."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Collection
from typing import Any

import redis
import structlog
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from sidecar.errors import Unavailable, Unprocessable, UpstreamError, UpstreamRefused
from sidecar.outbound.breaker import Breaker
from sidecar.outbound.session import (
    Outbound,
    Response,
    ResponseTooLarge,
    ResponseTooSlow,
    is_private_refusal,
)
from sidecar.store import keys
from sidecar.store.connection import RedisError, unavailable
from sidecar.tenants.pushing import Callback

log = structlog.get_logger(__name__)

_MINUTE = 60
_MOST_BYTES = 262_144


class ErpCallback:
    """One tenant's; safe to share by threads. secret: the value of a reference, read at each call.

    It answers as Unavailable where the ERP is away, busy, or was called often enough this minute.
    """

    def __init__(
        self,
        account_id: str,
        config: Callback,
        secret: Callable[[str], str],
        store: redis.Redis,
        allow_private: Collection[str],
        breaker: Breaker,
        clock: Callable[[], float] = time.time,
    ):
        self._account_id = account_id
        self._config = config
        self._secret = secret
        self._store = store
        self._http = Outbound(config.timeout, allow_private, _MOST_BYTES)
        self._breaker = breaker
        self._clock = clock

    def post(self, action: str, key: str, params: dict[str, Any]) -> dict[str, Any]:
        """The ERP's answer, an object. The same `key` must give the same answer there.

        Unprocessable when the ERP refuses (409, 422), UpstreamRefused when it refuses us (401,
        403), UpstreamError for any other answer, Unavailable. Nothing is repeated here.
        """
        self._count()
        config = self._config
        told = {"action": action, "account_id": self._account_id, "params": params}
        body = json.dumps(told, ensure_ascii=False).encode()
        moment = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "X-AI-Timestamp": moment,
            "X-AI-Signature": f"v1={_signature(self._secret(config.secret_ref), moment, body)}",
        }
        if config.credential_ref is not None:
            headers |= _shown(config, self._secret(config.credential_ref))
        return self._breaker.call(lambda: self._answer(headers, body))

    def _answer(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        try:
            answer = self._http.send("POST", self._config.url, headers, data=body)
        except (RequestException, HTTPError, ResponseTooSlow) as error:
            if is_private_refusal(error):
                raise UpstreamError(
                    "The ERP's callback is inside a private network: the operator may allow its"
                    " host with CHATWOOTAI_ALLOW_PRIVATE_URLS."
                ) from None
            log.info("callback.failed", account=self._account_id, error=type(error).__name__)
            raise Unavailable("The ERP did not answer; try again later.") from None
        except ResponseTooLarge:
            raise UpstreamError("The ERP's answer is too large.") from None
        return self._read(answer)

    def _read(self, answer: Response) -> dict[str, Any]:
        if answer.status == 429 or answer.status >= 500:
            raise Unavailable("The ERP is busy or has failed; try again later.")
        if answer.status in (401, 403):
            raise UpstreamRefused("The ERP refused our signature: compare the callback's secret.")
        if answer.status in (409, 422):
            raise Unprocessable("The ERP refused it: ask a person of the shop.")
        if answer.status not in (200, 201):
            raise UpstreamError(f"The ERP's callback answered HTTP {answer.status}.")
        try:
            told = answer.json()
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise UpstreamError("The ERP's callback did not answer a JSON object.")
        return told

    def _count(self) -> None:
        counter = keys.push_calls(self._account_id, int(self._clock()) // _MINUTE)
        try:
            with self._store.pipeline() as pipe:
                pipe.incr(counter)
                pipe.expire(counter, 2 * _MINUTE)
                count, _set = pipe.execute()
        except RedisError as error:
            raise unavailable(error) from None
        if count > self._config.rate:
            raise Unavailable("The ERP was asked often enough; try again in a minute.")


def _shown(config: Callback, value: str) -> dict[str, str]:
    """The header that the ERP wants beside the signature."""
    match config.auth:
        case "basic":
            pair = base64.b64encode(f"{config.username}:{value}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        case "api_key":
            return {"X-API-Key": value}
        case _:
            return {"Authorization": f"Bearer {value}"}


def _signature(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
