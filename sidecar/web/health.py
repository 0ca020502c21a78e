"""Signs of life for operators and process managers."""

from typing import Any

from flask import Blueprint

from sidecar.store.circuits import open_circuits
from sidecar.web.answers import success
from sidecar.web.state import state

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> Any:
    """200 while the process serves."""
    return success({"status": "live"})


@blueprint.get("/ready")
def ready() -> Any:
    """200 when the store answers, so that events can be accepted; 503 otherwise.

    circuits_open: tenants whose Odoo does not answer and is left alone. Not a reason to be unready.
    """
    here = state()
    here.store.ping()
    accounts = here.tenants.accounts()
    circuits = len(open_circuits(here.store, accounts))
    return success({"status": "ready", "tenants": len(accounts), "circuits_open": circuits})
