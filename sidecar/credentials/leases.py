"""Secrets lent by the control Odoo (`docs/contracts.md`, Leases): asked when needed, memory only.

A value lives for the `expires_in` it came with. While Odoo cannot be reached the last one serves
for at most a day more; an answer that refuses it ends it at once. Each use compares the account's
epoch in Redis, which every push and revocation raises: what was lent before is asked for anew, in
every process. Without Redis nobody can tell, so a value serves within its `expires_in` only.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import redis
import requests
import structlog
from urllib3.exceptions import HTTPError

from sidecar.credentials.signing import TO_ODOO, SigningKeys, signed_headers
from sidecar.errors import SidecarError, Unavailable, UpstreamError, UpstreamRefused
from sidecar.outbound.session import Outbound, Response
from sidecar.store import keys

log = structlog.get_logger(__name__)

GRACE = 24 * 3600  # seconds a value outlives its lease while Odoo cannot be reached
MAX_LEASES = 1024
_LONGEST = 3600  # of `expires_in`
_PAUSE = 15.0  # seconds between two tries of an Odoo that does not answer
_MAX_ANSWER = 65_536
_PATH = "/ai_system/lease"


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """Where an account's control Odoo is."""

    url: str
    db: str
    timeout: float = 10.0
    verify: bool = True


class Recorder(Protocol):
    """What keeps the audit (`control/audit.py`)."""

    def __call__(
        self, account_id: str | None, operation: str, subject: str, result: str, code: str = ""
    ) -> None: ...


@dataclass(slots=True)
class _Lease:
    """A value lent (None: Odoo has none of that name) and how long it may be used."""

    value: str | None = field(repr=False)
    epoch: str
    expires_at: float
    retry_at: float = 0.0


@dataclass(slots=True)
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0


class Leases:
    """One per process; safe to share between threads.

    address: account id → its control Odoo, or None.   now: unix seconds.
    """

    def __init__(
        self,
        store: redis.Redis,
        signing: SigningKeys,
        address: Callable[[str], ControlAddress | None],
        record: Recorder,
        allow_private: frozenset[str],
        now: Callable[[], float] = time.time,
    ):
        self._store = store
        self._signing = signing
        self._address = address
        self._record = record
        self._allow_private = allow_private
        self._now = now
        self._held: OrderedDict[tuple[str, str], _Lease] = OrderedDict()
        self._turns: dict[tuple[str, str], _Turn] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Leases: {len(self._held)} held>"

    def value(self, account_id: str, ref: str, purpose: str) -> str | None:
        """The secret; None when Odoo lends none of that name, or there is no Odoo.

        Raises Unavailable (Odoo cannot be reached and nothing may be used any more),
        UpstreamRefused (Odoo does not accept our signature), UpstreamError.
        """
        name = (account_id, ref)
        lease = self._usable(name, self._epoch(account_id))
        if lease is not None:
            return lease.value
        with self._one_at_a_time(name):  # those who wait use what the first was given
            epoch = self._epoch(account_id)
            lease = self._usable(name, epoch)
            if lease is None:
                if epoch is None:
                    raise Unavailable("The sidecar's store cannot be reached; try again.")
                lease = self._renewed(name, epoch, purpose)
            return lease.value if lease else None

    def forget(self, account_id: str, ref: str) -> None:
        """Drop what this process holds of a reference."""
        with self._lock:
            self._held.pop((account_id, ref), None)

    def _epoch(self, account_id: str) -> str | None:
        try:
            return self._store.get(keys.lease_epoch(account_id)) or "0"
        except redis.RedisError:
            return None

    def _usable(self, name: tuple[str, str], epoch: str | None) -> _Lease | None:
        """What is held, if it may be used without asking Odoo."""
        now = self._now()
        with self._lock:
            lease = self._held.get(name)
            if lease is None:
                return None
            if epoch is not None and lease.epoch != epoch:
                del self._held[name]
                return None
            if now < lease.expires_at or (
                epoch is not None and now < min(lease.retry_at, lease.expires_at + GRACE)
            ):
                self._held.move_to_end(name)
                return lease
        return None

    def _renewed(self, name: tuple[str, str], epoch: str, purpose: str) -> _Lease | None:
        account_id, ref = name
        address, key = self._address(account_id), self._signing.current(account_id)
        if address is None or key is None:  # a tree without Odoo
            self.forget(*name)
            return None
        body = json.dumps({"ref": ref, "purpose": purpose or "other"}).encode()
        url = address.url.rstrip("/") + _PATH
        headers = signed_headers(TO_ODOO, account_id, key, "POST", urlsplit(url).path, body)
        headers |= {"Content-Type": "application/json", "X-Odoo-Database": address.db}
        try:
            lease = self._lent(ref, epoch, self._ask(address, url, headers, body))
        except Unavailable as error:
            self._record(account_id, "lease", ref, "error", error.code)
            return self._after_silence(name, epoch)
        except SidecarError as error:
            self.forget(*name)
            self._record(account_id, "lease", ref, "refused", error.code)
            raise
        found = lease.value is not None
        self._record(
            account_id, "lease", ref, "ok" if found else "refused", "" if found else "not_found"
        )
        self._keep(name, lease)
        return lease

    def _ask(
        self, address: ControlAddress, url: str, headers: dict[str, str], body: bytes
    ) -> Response:
        http = Outbound(
            min(address.timeout, 30.0), self._allow_private, _MAX_ANSWER, address.verify
        )
        try:
            answer = http.send("POST", url, headers, data=body)
        except (requests.RequestException, HTTPError, OSError) as error:
            # `from None`: the request hangs on the exception, and with it our signature
            raise Unavailable("Odoo cannot be reached.", cause=type(error).__name__) from None
        finally:
            http.close()
        if answer.status >= 500:
            raise Unavailable(f"Odoo answered HTTP {answer.status}.")
        return answer

    def _lent(self, ref: str, epoch: str, answer: Response) -> _Lease:
        now = self._now()
        if answer.status == 404:
            return _Lease(None, epoch, now + _PAUSE)
        if answer.status in (401, 403):
            raise UpstreamRefused("Odoo does not accept the sidecar's signature; connect again.")
        data = _data_of(answer)
        value, seconds = data.get("value"), data.get("expires_in")
        well_formed = (
            answer.status == 200
            and data.get("ref") == ref
            and isinstance(value, str)
            and value != ""
            and isinstance(seconds, int | float)
            and seconds > 0
        )
        if not well_formed:
            raise UpstreamError("Odoo's answer to the lease is not as agreed.")
        return _Lease(value, epoch, now + min(seconds, _LONGEST))

    def _after_silence(self, name: tuple[str, str], epoch: str) -> _Lease:
        now = self._now()
        with self._lock:
            lease = self._held.get(name)
            if (
                lease is not None
                and lease.value is not None
                and lease.epoch == epoch
                and now < lease.expires_at + GRACE
            ):
                lease.retry_at = now + _PAUSE
                return lease
            self._held.pop(name, None)
        raise Unavailable("Odoo cannot be reached to lend the secret; it is tried again.")

    def _keep(self, name: tuple[str, str], lease: _Lease) -> None:
        now = self._now()
        with self._lock:
            self._held[name] = lease
            self._held.move_to_end(name)
            for old in [n for n, held in self._held.items() if now > held.expires_at + GRACE]:
                del self._held[old]
            while len(self._held) > MAX_LEASES:
                self._held.popitem(last=False)

    @contextmanager
    def _one_at_a_time(self, name: tuple[str, str]) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(name, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._turns[name]


def _data_of(answer: Response) -> dict[str, Any]:
    try:
        data = answer.json().get("data")
    except (ValueError, AttributeError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
