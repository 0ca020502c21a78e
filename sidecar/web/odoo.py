"""The doors for Odoo: enrollment, the envelope, job states."""

import hashlib
import json
import re
import secrets
from typing import Any, TypeVar

from flask import Blueprint, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.context import check_account_id
from sidecar.errors import BadRequest, Conflict, Forbidden, Unauthorized
from sidecar.hub.routing import HUB, crew_for, require_enabled
from sidecar.store import keys
from sidecar.tasks import messages
from sidecar.tenants.schema import parse_tenant
from sidecar.web.answers import success
from sidecar.web.signatures import verify_odoo
from sidecar.web.state import state

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
    database_uuid: str = Field(min_length=8, max_length=64)
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
    granted = here.store.get(token_key)
    if granted is None:
        raise Unauthorized("The enrollment token is unknown, used or expired.")
    body = _parsed(Enrollment)
    account_id = check_account_id(body.account_id)
    if granted not in ("*", account_id):
        raise Forbidden(f"This enrollment token is for {granted}.")
    if body.config.get("account_id") != account_id:
        raise BadRequest("config.account_id differs from account_id.")
    parse_tenant(body.config)
    bound = here.store.get(keys.binding(account_id))
    if bound not in (None, body.database_uuid):
        raise Conflict("This account id belongs to another Odoo database.")
    if not here.store.delete(token_key):  # spent by a request that came at the same moment
        raise Unauthorized("The enrollment token is unknown, used or expired.")
    here.store.set(keys.binding(account_id), body.database_uuid, nx=True)
    if here.store.get(keys.binding(account_id)) != body.database_uuid:  # two at the same moment
        raise Conflict("This account id belongs to another Odoo database.")
    key_id, signing_key = secrets.token_hex(8), secrets.token_urlsafe(32)
    here.credentials.store_many(account_id, {**body.secrets, ODOO_KEY_REF: body.odoo.api_key})
    here.credentials.replace_signing_key(account_id, key_id, signing_key)
    here.tenants.apply(body.config)
    return success({"account_id": account_id, "key_id": key_id, "signing_key": signing_key})


@blueprint.post("/process")
def process() -> Any:
    """The envelope: 202 with the job's state; 200 where the Hub itself did the work at once."""
    here = state()
    account_id = verify_odoo(request, here.credentials, here.store, here.settings)
    envelope = _parsed(Envelope)
    metadata = envelope.metadata
    if metadata.account_id != account_id:
        raise Forbidden("metadata.account_id differs from the account that signed.")
    if metadata.source != "odoo":
        raise Forbidden("This door is for source odoo.")
    crew = crew_for(metadata.source, metadata.action)
    if crew == HUB:
        return success(_sync_config(account_id, envelope.params))
    require_enabled(here.tenants.get(account_id), crew)
    if metadata.job_id is None or not _JOB_ID.fullmatch(metadata.job_id):
        raise BadRequest("metadata.job_id must be 8 to 64 letters, digits, - or _.")
    job = here.jobs.accept(account_id, metadata.job_id, envelope.model_dump())
    if job.state == "queued":
        messages.hint(here.broker, messages.JOBS, f"{account_id}|{job.job_id}")
    return success(job.public(), 202)


@blueprint.get("/jobs/<job_id>")
def job_state(job_id: str) -> Any:
    """State and result of one of the signer's jobs."""
    here = state()
    account_id = verify_odoo(request, here.credentials, here.store, here.settings)
    return success(here.jobs.get(account_id, job_id).public())


def _sync_config(account_id: str, params: dict[str, Any]) -> dict[str, Any]:
    here = state()
    document, values = params.get("config"), params.get("secrets") or {}
    if not isinstance(document, dict) or document.get("account_id") != account_id:
        raise BadRequest("params.config must be the signer's own tenant document.")
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise BadRequest("params.secrets must map references to texts.")
    parse_tenant(document)
    here.credentials.store_many(account_id, values)
    return {"version": here.tenants.apply(document).version}


def _token_key() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthorized("The enrollment token is unknown, used or expired.")
    return keys.enrollment(hashlib.sha256(secret.encode()).hexdigest())


def _parsed(model: type[_Model]) -> _Model:
    try:
        return model.model_validate(json.loads(request.get_data()))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"{field}: {first['msg']}.", field=field) from None
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
