"""What Odoo asks of the Hub itself, done before the answer: configuration, keys, secrets."""

from collections.abc import Callable
from typing import Any

from sidecar.credentials.resolver import MAX_REFS, check_ref
from sidecar.errors import BadRequest, SidecarError
from sidecar.web.state import caller, state


def done(account_id: str, action: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of one of `ACTIONS`. What happened, or was refused, stands in the audit."""
    here, operation = state(), _OPERATIONS[action]
    try:
        result = ACTIONS[action](account_id, params)
    except SidecarError as error:
        outcome = "refused" if error.status < 500 else "error"
        here.audit.record(account_id, operation, action, outcome, error.code, ip=caller())
        raise
    if action != "get_config":  # looking changes nothing
        here.audit.record(account_id, operation, _subject(action, params, result), ip=caller())
    return result


def _sync_config(account_id: str, params: dict[str, Any]) -> dict[str, Any]:
    """Document and secrets change together.

    Everything that can be refused is looked at before anything is written: the secrets are
    encrypted, then the document is validated and its version compared under the writer's lock. The
    YAML tree is written next, and then one transaction in Redis publishes the document, replaces
    the secrets and ends the leases, so no process ever reads one without the other. A crash before
    that transaction leaves both as they were; Odoo repeats the push, and the same version again
    finishes it.
    """
    here = state()
    document, values = params.get("config"), params.get("secrets", {})
    if not isinstance(document, dict) or document.get("account_id") != account_id:
        raise BadRequest("params.config must be the signer's own tenant document.")
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise BadRequest("params.secrets must map references to texts.")
    sealed = here.credentials.sealed(account_id, values)

    def replace(pipe: Any) -> None:
        here.credentials.replace_in(pipe, account_id, sealed)

    return {"version": here.tenants.apply(document, along=replace).version}


def _get_config(account_id: str, _params: dict[str, Any]) -> dict[str, Any]:
    here = state()
    version = here.tenants.get(account_id).version
    return {"version": version, "files": here.tenants.files.files(account_id)}


def _rotate_signing_key(account_id: str, _params: dict[str, Any]) -> dict[str, Any]:
    key = state().credentials.signing.rotate(account_id)
    return {"key_id": key.id, "signing_key": key.value}


def _revoke_secrets(account_id: str, params: dict[str, Any]) -> dict[str, Any]:
    refs = params.get("refs")
    if not isinstance(refs, list) or len(refs) > MAX_REFS:
        raise BadRequest(f"params.refs must be a list of at most {MAX_REFS} references.")
    return {"revoked": state().credentials.revoke(account_id, [check_ref(ref) for ref in refs])}


def _subject(action: str, params: dict[str, Any], result: dict[str, Any]) -> str:
    match action:
        case "revoke_secrets":
            return ", ".join(params["refs"])
        case "rotate_signing_key":
            return result["key_id"]
        case _:
            return f"version {result['version']}"


ACTIONS: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    "sync_config": _sync_config,
    "get_config": _get_config,
    "rotate_signing_key": _rotate_signing_key,
    "revoke_secrets": _revoke_secrets,
}

# the audit's words for them, which Odoo's screen knows
_OPERATIONS = {
    "sync_config": "sync",
    "get_config": "read",
    "rotate_signing_key": "rotate",
    "revoke_secrets": "revoke",
}
