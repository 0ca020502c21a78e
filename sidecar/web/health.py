"""Signs of life for operators and process managers."""

from typing import Any

from flask import Blueprint

from sidecar.web.answers import success
from sidecar.web.state import state

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> Any:
    """200 while the process serves."""
    return success({"status": "live"})


@blueprint.get("/ready")
def ready() -> Any:
    """200 when the store answers, so that events can be accepted; 503 otherwise."""
    here = state()
    here.store.ping()
    return success({"status": "ready", "tenants": len(here.tenants.accounts())})
