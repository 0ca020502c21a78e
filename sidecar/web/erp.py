"""The doors for ERPs that send their data (docs/erp-client.md)."""

import hashlib
import json
import threading
from functools import lru_cache
from typing import Any

import structlog
from flask import Blueprint, Response, request

from sidecar.erp.generic.bodies import Form, rows_of, unpacked
from sidecar.erp.generic.intake import Intake
from sidecar.erp.generic.push_keys import PushKey, PushKeys
from sidecar.erp.generic.store import PushedRecords
from sidecar.errors import (
    BadRequest,
    ConfigInvalid,
    Conflict,
    NotFound,
    PayloadTooLarge,
    SidecarError,
    TooManyRequests,
    Unauthorized,
    UnknownAccount,
)
from sidecar.store import keys
from sidecar.tasks import messages
from sidecar.tenants.pushing import KINDS, Kind
from sidecar.tenants.schema import Tenant
from sidecar.web.answers import failure, success
from sidecar.web.state import caller, state

log = structlog.get_logger(__name__)
blueprint = Blueprint("erp", __name__)

_ONCE = 86_400  # seconds an Idempotency-Key is remembered
_LONGEST_KEY = 200
_FORMS: dict[str, Form] = {
    "application/json": "json",
    "application/x-ndjson": "lines",
    "application/jsonl": "lines",
}
_REFUSED = "No row was kept: details.rejected says why."


@blueprint.errorhandler(TooManyRequests)
def _slower(error: TooManyRequests) -> Any:
    answer, status = failure(error.status, error.code, error.message, error.details)
    answer.headers["Retry-After"] = str(error.details.get("retry_after", 60))
    return answer, status


@blueprint.post("/api/v1/sync/<kind>")
def push(kind: str) -> Any:
    """Take products, customers or orders: one or many, JSON or JSON lines, also gzip.

    200 `{"accepted", "unchanged", "outdated", "rejected"}`, 207 where some rows were refused, 422
    where all were; 401, 403 (scope), 404 (kind), 409 (the Idempotency-Key has another body), 413,
    429.
    """
    return _take(_kind(kind))


@blueprint.get("/api/v1/sync/<kind>")
def kept(kind: str) -> Any:
    """What is kept of the record `?id=`; 404 for none. Needs the scope `<kind>:read`."""
    wanted = _kind(kind)
    _key, tenant = _admitted(wanted, reading=True)
    records = PushedRecords.of(state().settings, tenant.account_id)
    own_id = request.args.get("id", "")
    numbers = records.number_of(wanted, [own_id]) if own_id else {}
    found = records.records(wanted, numbers.values())
    if not found:
        raise NotFound(f"No such record is kept of {wanted}.")
    return success(next(iter(found.values())) | {"number": numbers[own_id]})


@blueprint.post("/webhook/product_updated")
def product_updated() -> Any:
    """As `POST /api/v1/sync/products`, for ERPs that call it an event."""
    return _take("products")


@blueprint.post("/webhook/order_created")
def order_created() -> Any:
    """As `POST /api/v1/sync/orders`, for ERPs that call it an event."""
    return _take("orders")


def _take(kind: Kind) -> Any:
    here = state()
    # One more than may be: of a chunked body werkzeug hands over that much and drops the rest.
    request.max_content_length = here.settings.push_body_bytes + 1
    key, tenant = _admitted(kind)
    # ERPs never take the threads that customers' messages need
    turns = _turns(here.settings.push_at_once)
    if not turns.acquire(blocking=False):
        raise TooManyRequests("Other data is being read; send this again.", retry_after=1)
    try:
        return _taken(kind, key, tenant)
    finally:
        turns.release()


@lru_cache(maxsize=8)
def _turns(at_once: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(at_once)


def _taken(kind: Kind, key: PushKey, tenant: Tenant) -> Any:
    here = state()
    records = PushedRecords.of(here.settings, tenant.account_id)
    intake = Intake(tenant, records, request.args.get("mapping", ""))
    raw = request.get_data()
    if len(raw) > here.settings.push_body_bytes:
        raise PayloadTooLarge(f"A body has at most {here.settings.push_body_bytes} bytes.")
    once = _once(key, kind, raw)
    if once is not None and (known := _answered(*once)) is not None:
        return known
    body = unpacked(
        raw,
        request.headers.get("Content-Encoding", "").strip().lower(),
        here.settings.push_body_bytes,
    )
    rows = rows_of(body, _form(), here.settings.push_row_bytes)
    report = intake.take(kind, rows, here.settings.push_rows)
    log.info(
        "push.taken",
        account=tenant.account_id,
        key=key.id,
        kind=kind,
        accepted=report.accepted,
        rejected=len(report.rejected),
    )
    if kind == "products" and report.accepted:
        here.hints.hint(messages.PUSHED, tenant.account_id, delay=2.0)
    answer = _answer(report.status, report.as_dict())
    if once is not None:
        told = {"body": once[1], "status": report.status, "data": report.as_dict()}
        here.store.set(once[0], json.dumps(told), ex=_ONCE)
    return answer


def _answer(status: int, data: dict[str, Any]) -> tuple[Response, int]:
    if status == 422:
        return failure(status, "unprocessable", _REFUSED, data)
    return success(data, status)


def _admitted(kind: Kind, reading: bool = False) -> tuple[PushKey, Tenant]:
    """The caller's key and tenant. What is wrong with the key is not said."""
    here = state()
    push_keys = PushKeys(here.store)
    try:
        key = push_keys.admit(
            request.headers.get("Authorization", ""), request.headers.get("X-API-Key", "")
        )
    except Unauthorized:
        here.audit.record(None, "request", request.path, "refused", "unknown_key", ip=caller())
        raise
    try:
        key.require(kind, reading)
        push_keys.count(key, here.settings.push_rate)
    except SidecarError as error:
        subject = f"{request.path} by key {key.id}"
        here.audit.record(key.account_id, "request", subject, "refused", error.code, ip=caller())
        raise
    try:
        return key, here.tenants.get(key.account_id)
    except (UnknownAccount, ConfigInvalid):  # withdrawn, or of another version
        raise Unauthorized from None


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind == name:
            return kind
    raise NotFound(f"There is {', '.join(KINDS)}.")


def _form() -> Form:
    form = _FORMS.get(request.mimetype or "application/json")
    if form is None:
        raise BadRequest(f"Content-Type must be one of {', '.join(_FORMS)}.")
    return form


def _once(key: PushKey, kind: Kind, raw: bytes) -> tuple[str, str] | None:
    """Where the answer to this Idempotency-Key is kept, and the hash of what was asked."""
    named = request.headers.get("Idempotency-Key", "")
    if not named:
        return None
    if len(named) > _LONGEST_KEY:
        raise BadRequest(f"An Idempotency-Key has at most {_LONGEST_KEY} characters.")
    digest = hashlib.sha256(f"{key.id}\0{named}".encode("utf-8", "surrogateescape")).hexdigest()
    asked = hashlib.sha256(f"{kind}\0{request.query_string!r}\0".encode() + raw).hexdigest()
    return keys.push_answer(key.account_id, digest), asked


def _answered(place: str, asked: str) -> tuple[Response, int] | None:
    known = state().store.get(place)
    if known is None:
        return None
    told = json.loads(known)
    if told["body"] != asked:
        raise Conflict("This Idempotency-Key was used for another body: choose a new one.")
    answer, status = _answer(told["status"], told["data"])
    answer.headers["Idempotency-Replayed"] = "true"
    return answer, status
