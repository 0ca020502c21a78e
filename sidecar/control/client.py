"""What the sidecar tells the control database."""

from typing import Any

from sidecar.odoo_rpc import OdooRpc


class ControlClient:
    """Calls of one tenant's integration user on the Odoo that holds our addons."""

    def __init__(self, rpc: OdooRpc):
        self.rpc = rpc

    def job_result(
        self, job_id: str, state: str, result: dict[str, Any] | None, error: dict[str, Any] | None
    ) -> None:
        """Hand a job's end over; idempotent in Odoo. Raises as OdooRpc does."""
        self.rpc.call("ai.facade", "job_result", job_id, state, result or False, error or False)
