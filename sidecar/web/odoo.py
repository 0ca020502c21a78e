"""The doors for Odoo: enrollment, the envelope, job states."""

import hashlib
import json
import re
from typing import Any, TypeVar

from flask import Blueprint, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.context import ACCOUNT_ID, check_account_id
from sidecar.credentials.signing import SigningKey, new_key
from sidecar.errors import BadRequest, Conflict, Forbidden, SidecarError, Unauthorized
from sidecar.hub.routing import HUB, crew_for, require_enabled
from sidecar.store import keys
from sidecar.tasks import messages
from sidecar.tenants.schema import parse_tenant
from sidecar.web import administration
from sidecar.web.answers import success
from sidecar.web.signatures import Refused, verify_odoo
from sidecar.web.state import caller, state

blueprint = Blueprint("odoo", __name__, url_prefix="/api/v1")

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
ODOO_KEY_REF = "odoo_api_key"
_Model = TypeVar("_Model", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _OdooLogin(_Strict):
    url: str = Field(pattern=r"^https?://")
    db: str = Field(min_length=1)
    login: str = Field(min_length=1)
    api_key: str = Field(min_length=8)


class Enrollment(_Strict):
    """Body of `POST /api/v1/enroll`."""

    account_id: str
    database_uuid: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    odoo: _OdooLogin
    config: dict[str, Any]
    secrets: dict[str, str] = {}


class _Metadata(BaseModel):
    source: str
    account_id: str
    action: str
    job_id: str | None = None


class Envelope(_Strict):
    """Body of `POST /api/v1/process`."""

    metadata: _Metadata
    params: dict[str, Any] = {}


@blueprint.post("/enroll")
def enroll() -> Any:
    """Bind an account id to a control database and exchange keys (`docs/contracts.md`)."""
    here = state()
    token_key = _token_key()
    granted = here.store.get(token_key) if token_key else None
    if token_key is None or granted is None:
        here.audit.record(None, "enroll", "", "refused", "unknown_token", ip=caller())
        raise Unauthorized("The enrollment token is unknown, used or expired.")
    body = _parsed(Enrollment)
    try:
        account_id = check_account_id(body.account_id)
        data = _enrolled(account_id, body, token_key, granted)
    except SidecarError as error:
        claimed = body.account_id if ACCOUNT_ID.fullmatch(body.account_id) else None
        here.audit.record(claimed, "enroll", body.database_uuid, "refused", error.code, ip=caller())
        raise
    here.audit.record(account_id, "enroll", body.database_uuid, ip=caller())
    return success(data)


@blueprint.post("/process")
def process() -> Any:
    """The envelope: 202 with the job's state; 200 where the Hub itself did the work at once."""
    here = state()
    account_id = _signer()
    envelope = _parsed(Envelope)
    metadata = envelope.metadata
    if metadata.account_id != account_id:
        here.audit.record(
            account_id, "request", metadata.action, "refused", "other_account", ip=caller()
        )
        raise Forbidden("metadata.account_id differs from the account that signed.")
    if metadata.source != "odoo":
        raise Forbidden("This door is for source odoo.")
    crew = crew_for(metadata.source, metadata.action)
    if metadata.action in administration.ACTIONS:
        return success(administration.done(account_id, metadata.action, envelope.params))
    if crew != HUB:
        require_enabled(here.tenants.get(account_id), crew)
    if metadata.job_id is None or not _JOB_ID.fullmatch(metadata.job_id):
        raise BadRequest("metadata.job_id must be 8 to 64 letters, digits, - or _.")
    job = here.jobs.accept(account_id, metadata.job_id, envelope.model_dump())
    if job.state == "queued":
        here.hints.hint(messages.JOBS, f"{account_id}|{job.job_id}")
    return success(job.public(), 202)


@blueprint.get("/jobs/<job_id>")
def job_state(job_id: str) -> Any:
    """State and result of one of the signer's jobs."""
    account_id = _signer()
    return success(state().jobs.get(account_id, job_id).public())


def _signer() -> str:
    here = state()
    try:
        return verify_odoo(request, here.credentials.signing, here.store, here.settings)
    except Refused as refused:
        here.audit.record(
            refused.claimed or None,
            "request",
            request.path,
            "refused",
            refused.reason,
            ip=caller(),
        )
        raise


def _enrolled(account_id: str, body: Enrollment, token_key: str, granted: str) -> dict[str, Any]:
    here = state()
    if granted not in ("*", account_id):
        raise Forbidden(f"This enrollment token is for {granted}.")
    if body.config.get("account_id") != account_id:
        raise BadRequest("config.account_id differs from account_id.")
    parse_tenant(body.config)
    secrets = {**body.secrets, ODOO_KEY_REF: body.odoo.api_key}
    sealed = here.credentials.sealed(account_id, secrets)
    binding = keys.binding(account_id)
    if here.store.get(binding) not in (None, body.database_uuid):
        raise Conflict("This account id belongs to another Odoo database.")
    left = here.store.pttl(token_key)
    if not here.store.delete(token_key):  # spent by a request that came at the same moment
        raise Unauthorized("The enrollment token is unknown, used or expired.")
    is_new = here.store.set(binding, body.database_uuid, nx=True)
    if here.store.get(binding) != body.database_uuid:  # two at the same moment
        raise Conflict("This account id belongs to another Odoo database.")
    key = SigningKey(*new_key())

    def exchange(pipe: Any) -> None:
        here.credentials.replace_in(pipe, account_id, sealed)
        here.credentials.signing.reset_in(pipe, account_id, key)

    try:
        here.tenants.apply(body.config, reset=True, along=exchange)
    except SidecarError:  # another tenant has what it names: nothing was exchanged
        if is_new:
            here.store.delete(binding)
        here.store.set(token_key, granted, px=max(left, 1))
        raise
    return {"account_id": account_id, "key_id": key.id, "signing_key": key.value}


def _token_key() -> str | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    return keys.enrollment(hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest())


def _parsed(model: type[_Model]) -> _Model:
    try:
        return model.model_validate(json.loads(request.get_data()))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part)[:64] for part in first["loc"])
        raise BadRequest(f"{field}: {first['msg']}.", field=field) from None
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
