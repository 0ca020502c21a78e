"""`sidecar mcp`: the tools for MCP clients, over HTTP by key, or over stdio for one account."""

from sidecar.errors import BadRequest
from sidecar.mcp_odoo.app import serve, serve_stdio
from sidecar.settings import Settings


def run(settings: Settings, stdio: bool, account_id: str | None, write: bool) -> int:
    """Serve until told to stop; 0. BadRequest for options that do not fit together."""
    if not stdio:
        if account_id or write:
            raise BadRequest("--account and --write go with --stdio; over HTTP the key says both.")
        serve(settings)
        return 0
    if not account_id:
        raise BadRequest("--stdio serves one account: name it, such as --account account_1.")
    serve_stdio(settings, account_id, write)
    return 0
