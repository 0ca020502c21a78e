"""`/playground/api/tools/`: a demo tenant's tools, called as crews and MCP clients call them.

Only tenants whose channel ends in this playground: whoever sits here may be any of their customers
anyway. As a customer one is known by a telephone number, as a channel proves it; as the shop by
nothing.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from sidecar.errors import BadRequest, NotFound, SidecarError, Unprocessable
from sidecar.hub.products import ProductDesk
from sidecar.hub.services import Services
from sidecar.llm.gateway import Budget
from sidecar.settings import Settings
from sidecar.store.connection import RedisError, unavailable
from sidecar.tenants.schema import Tenant
from sidecar.tenants.tool_names import READING
from sidecar.tools.context import ToolContext
from sidecar.tools.dispatch import run, tools_for
from sidecar.tools.person import PersonMemory, identity_of
from sidecar.tools.registry import REGISTRY
from sidecar.tools.sessions import ToolHouse
from sidecar.tools.tool import Tool

_CONVERSATION = "playground-tools"
_CODES = frozenset({"customer_identify", "customer_verify"})  # need a conversation
_STAFF = frozenset(tool.name for tool in REGISTRY.values() if tool.staff)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ToolDesk:
    """Contexts for the page. The services are built at its first question."""

    def __init__(self, settings: Settings, build: Callable[[], Services] | None = None):
        self._settings = settings
        self._build = build or (lambda: Services.build(settings, "playground"))
        self._lock = threading.Lock()
        self._services: Services | None = None

    @property
    def services(self) -> Services:
        with self._lock:
            if self._services is None:
                self._services = self._build()
            return self._services

    def tenants(self, port: int) -> list[Tenant]:
        """The tenants that the playground at `port` is Chatwoot for."""
        registry = self.services.tenants
        found = (registry.get(account_id) for account_id in registry.accounts())
        return [tenant for tenant in found if any(_ends_at(c.url, port) for c in tenant.channels)]

    def context(self, account_id: str, phone: str, port: int) -> ToolContext:
        """For the customer with that number, "" for the shop's own people. NotFound for a tenant
        that is not a demo's."""
        tenant = next((t for t in self.tenants(port) if t.account_id == account_id), None)
        if tenant is None:
            raise NotFound("No demo tenant has this account id.")
        services, proxy = self.services, self.services.proxy(tenant)
        house = ToolHouse(services.store, services.settings, services.audit)
        names = {*READING, *tenant.tools.writes} - _CODES
        context = house.job(
            tenant,
            proxy,
            "",
            names - _STAFF if phone else names,
            gateway=services.llm(tenant),
            budget=Budget.for_run(services.settings),
            reindex=lambda ids: ProductDesk(services, tenant).sync({"product_ids": ids}),
        )
        context = replace(context, caller="playground", channel="Playground")
        if not phone:
            return context
        ttl = services.settings.person_ttl
        memory = PersonMemory(services.store, account_id, _CONVERSATION, ttl)
        return replace(context, identity=identity_of(proxy, memory, phone))


def create_tools_api(desk: ToolDesk) -> Blueprint:
    """The blueprint below /playground/api/tools."""
    api = Blueprint("tools_api", __name__, url_prefix="/playground/api/tools")

    @api.errorhandler(SidecarError)
    def failed(error: SidecarError) -> tuple[Response, int]:
        return jsonify(success=False, error=error.as_dict()), error.status

    @api.errorhandler(RedisError)
    def lost(error: RedisError) -> tuple[Response, int]:
        return failed(unavailable(error))

    @api.get("/tenants")
    def tenants() -> Response:
        found = desk.tenants(_port())
        return _data([{"account_id": one.account_id, "name": one.name} for one in found])

    @api.post("/list")
    def listed() -> Response:
        """The tools that may be called, and who one is: "" where the number is no customer's."""
        context = _context(desk, _body())
        tools = [_shown(tool) for tool in tools_for(context)]
        return _data({"person": context.person.name, "tools": tools})

    @api.post("/call")
    def call() -> Response:
        body = _body()
        tool = body.get("tool")
        if not isinstance(tool, str):
            raise Unprocessable("tool must be a name.", field="tool")
        context = _context(desk, body)
        begun = time.perf_counter()
        answer = run(tool, context, body.get("arguments"))
        took = round(1000 * (time.perf_counter() - begun), 1)
        return _data({"answer": answer, "took_ms": took})

    return api


def _shown(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "family": tool.family,
        "description": tool.description,
        "writes": tool.writes,
        "personal": tool.personal,
        "schema": tool.input_schema(),
    }


def _context(desk: ToolDesk, body: dict[str, Any]) -> ToolContext:
    account_id, phone = body.get("account_id"), body.get("phone") or ""
    if not isinstance(account_id, str) or not isinstance(phone, str):
        raise Unprocessable("account_id and phone must be texts.")
    return desk.context(account_id, phone.strip(), _port())


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object.")
    return body


def _port() -> int:
    return int(request.environ["SERVER_PORT"])


def _ends_at(url: str, port: int) -> bool:
    parts = urlsplit(url)
    return parts.hostname in _LOOPBACK and parts.port == port


def _data(data: Any) -> Response:
    return jsonify(success=True, data=data)
