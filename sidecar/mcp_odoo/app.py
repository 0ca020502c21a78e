"""The processes: streamable HTTP for any tenant's keys, and stdio for the operator of one."""

import asyncio
import secrets
import signal
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from fastmcp import FastMCP

from sidecar.context import check_account_id
from sidecar.hub.services import Services
from sidecar.mcp_odoo.callers import CALLER, Caller, Callers
from sidecar.mcp_odoo.contexts import Contexts
from sidecar.mcp_odoo.gate import PATH, Gate
from sidecar.mcp_odoo.provider import Desk
from sidecar.mcp_odoo.server import make_server
from sidecar.observability.callers import networks
from sidecar.observability.logging import configure_logging
from sidecar.settings import Settings, get_settings
from sidecar.tenants.desk import McpKey

_KEEP_ALIVE = 30
_MOST_CONNECTIONS = 500  # each may hold a body in memory
_GRACE = 10


def create_app(
    settings: Settings, services: Services | None = None, clock: Callable[[], float] = time.time
) -> Gate:
    """The ASGI application: the gate, and behind it the server. Its lifespan must be run.

    services: the process's, where it has some already.

    No request needs the one before (`stateless_http`), so any number of processes serve together;
    a session is an id that its key vouches for.
    """
    networks(settings.trusted_proxies)  # a wrong setting stops the start, not a request
    services = services or Services.build(settings, "mcp")
    contexts = Contexts.build(services, clock)
    server = make_server(Desk(contexts, CALLER.get, settings.mcp_threads))
    inner = server.http_app(
        path=PATH,
        stateless_http=True,
        json_response=True,
        host_origin_protection=False,  # the gate's, before any key is looked at
    )
    callers = Callers(services.store, services.tenants, settings, clock)
    return Gate(inner, callers, settings, contexts.forget, callers.ready)


def application() -> Gate:
    """What uvicorn's processes make for themselves."""
    settings = get_settings()
    configure_logging(settings.log_level, "mcp")
    return create_app(settings)


def serve(settings: Settings) -> None:
    """Serve at port_base + 1 until told to stop. SIGHUP ends it too, gracefully: whoever keeps it
    running starts it with the settings of then."""
    signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(signal.SIGTERM))
    uvicorn.run(
        "sidecar.mcp_odoo.app:application",
        factory=True,
        host=settings.bind,
        port=settings.port_base + 1,
        workers=settings.mcp_workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe is the gate's to decide
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )


def serve_stdio(settings: Settings, account_id: str, write: bool) -> None:
    """Serve one account to the program that started this one, without a key: whoever may run it
    holds the house's secrets anyway. UnknownAccount, also later when the tenant is withdrawn."""
    services = Services.build(settings, "mcp")
    services.tenants.get(check_account_id(account_id))
    caller_of = operator(services, account_id, write)
    server = make_server(Desk(Contexts.build(services), caller_of, settings.mcp_threads))
    asyncio.run(_talk(server))


def operator(services: Services, account_id: str, write: bool) -> Callable[[], Caller]:
    """The one who runs the house, in one session: every tool that reads, with `write` the others
    that the tenant has switched on."""
    session = secrets.token_hex(16)
    key = McpKey.model_construct(
        id=0, name="stdio", sha256="", tools=[], write=write, partner_id=None, expires=""
    )
    # read each time: what a push has changed counts from the next call on
    return lambda: Caller(services.tenants.get(account_id), key, "mcp/stdio", session)


async def _talk(server: FastMCP) -> None:
    options: dict[str, Any] = {"show_banner": False}
    await server.run_async(transport="stdio", **options)
