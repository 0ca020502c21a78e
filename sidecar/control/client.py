"""What the sidecar tells the control database."""

from typing import Any

from sidecar.errors import UpstreamError
from sidecar.odoo_rpc import OdooRpc


class ControlClient:
    """Calls of one tenant's integration user on the Odoo that holds our addons.

    Every call raises as OdooRpc does.
    """

    def __init__(self, rpc: OdooRpc, account_id: str):
        self.rpc = rpc
        self.account_id = account_id

    def ping(self) -> dict[str, Any]:
        """Who we are there; UpstreamError when the user belongs to another tenant."""
        told = self.rpc.call("ai.facade", "ping", read_only=True)
        if not isinstance(told, dict) or told.get("account_id") != self.account_id:
            raise UpstreamError("The integration user belongs to another tenant; connect again.")
        return told

    def job_result(
        self, job_id: str, state: str, result: dict[str, Any] | None, error: dict[str, Any] | None
    ) -> None:
        """Hand a job's end over; idempotent in Odoo."""
        self.rpc.call(
            "ai.facade",
            "job_result",
            job_uuid=job_id,
            state=state,
            result=result or False,
            error=error or False,
        )

    def audit_rows(self, rows: list[dict[str, Any]]) -> None:
        """Hand rows for the audit over (at most 200); idempotent in Odoo by their `uuid`."""
        self.rpc.call("ai.facade", "audit_rows", rows=rows)

    def turn_traces(self, rows: list[dict[str, Any]]) -> None:
        """Hand traces of turns over (at most 100); idempotent in Odoo by their `uuid`."""
        self.rpc.call("ai.facade", "turn_traces", rows=rows)
