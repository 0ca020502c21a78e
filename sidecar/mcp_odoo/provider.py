"""What fastmcp serves: tools, resources and prompts, as far as the caller may have them."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import anyio
from anyio.to_thread import run_sync
from fastmcp.prompts import Prompt
from fastmcp.resources import Resource, ResourceContent, ResourceResult, ResourceTemplate
from fastmcp.server.providers import Provider
from fastmcp.tools import Tool, ToolResult
from fastmcp.utilities.versions import VersionSpec
from mcp.shared.exceptions import McpError
from mcp.types import INVALID_PARAMS, CallToolResult, ErrorData, TextContent
from pydantic import PrivateAttr

from sidecar.errors import SidecarError
from sidecar.mcp_odoo.callers import Caller
from sidecar.mcp_odoo.contexts import Contexts
from sidecar.mcp_odoo.prompts import offered_prompts
from sidecar.mcp_odoo.resources import RESOURCES, TEMPLATES, View
from sidecar.mcp_odoo.schemas import described
from sidecar.tools.dispatch import run, tools_for
from sidecar.tools.registry import REGISTRY

_NOT_FOUND = -32002  # MCP's code of a resource that is not there
_JSON = "application/json"


class Answer(ToolResult):
    """A tool's answer. Checked against its schema by tests, not again at each call."""

    def to_mcp_result(self) -> CallToolResult:
        return CallToolResult(
            content=self.content,
            structuredContent=self.structured_content,
            isError=self.is_error,
            _meta=self.meta,  # type: ignore[call-arg]  # the alias of meta
        )


class Desk:
    """Calls tools for whoever the current request is of, in threads: they wait for the ERP."""

    def __init__(self, contexts: Contexts, caller_of: Callable[[], Caller], threads: int):
        self._contexts = contexts
        self._caller_of = caller_of
        self._threads = threads
        self._limiter: anyio.CapacityLimiter | None = None

    @property
    def caller(self) -> Caller:
        """Of the current request."""
        return self._caller_of()

    async def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What the tool says, an error in its own words included (`tools.dispatch.run`)."""
        return await self._in_thread(_run, self._contexts, self.caller, name, arguments)

    async def names(self) -> list[str]:
        """The tools that the caller may call, family by family."""
        return await self._in_thread(_names, self._contexts, self.caller)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if self._limiter is None:  # needs the event loop that serves
            self._limiter = anyio.CapacityLimiter(self._threads)
        return await run_sync(partial(work, *arguments), limiter=self._limiter)


def _run(contexts: Contexts, caller: Caller, name: str, arguments: dict[str, Any]) -> Any:
    try:
        context = contexts.of(caller)
    except SidecarError as error:  # no ERP is set up, or the store is away
        return {"error": error.message, "code": error.code}
    return run(name, context, arguments)


def _names(contexts: Contexts, caller: Caller) -> list[str]:
    try:
        return [tool.name for tool in tools_for(contexts.of(caller))]
    except SidecarError as error:
        raise McpError(ErrorData(code=-32603, message=error.message)) from None


class DeskTool(Tool):
    """One tool of the core."""

    _desk: Desk = PrivateAttr()

    @classmethod
    def of(cls, desk: Desk, name: str) -> "DeskTool":
        made = cls(**described(name))
        made._desk = desk
        return made

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        told = await self._desk.call(self.name, arguments)
        if "error" in told:
            sentence = TextContent(type="text", text=told["error"])
            return Answer([sentence], meta={"code": told["code"]}, is_error=True)
        text = json.dumps(told, ensure_ascii=False)
        return Answer([TextContent(type="text", text=text)], structured_content=told)


class DeskResource(Resource):
    """What a reading tool says, under an address of its own."""

    _desk: Desk = PrivateAttr()
    _tool: str = PrivateAttr()
    _arguments: dict[str, Any] = PrivateAttr()

    @classmethod
    def of(cls, desk: Desk, view: View, uri: str, arguments: dict[str, Any]) -> "DeskResource":
        made = cls(
            uri=uri, name=view.name, title=view.title, description=view.text, mime_type=_JSON
        )
        made._desk, made._tool, made._arguments = desk, view.tool, arguments
        return made

    async def read(self) -> ResourceResult:
        told = await self._desk.call(self._tool, self._arguments)
        if "error" in told:
            gone = told["code"] in ("not_found", "invalid_arguments", "not_allowed")
            code = _NOT_FOUND if gone else -32603
            raise McpError(ErrorData(code=code, message=told["error"]))
        content = ResourceContent(json.dumps(told, ensure_ascii=False), mime_type=_JSON)
        return ResourceResult([content])


class DeskTemplate(ResourceTemplate):
    """Resources with a number in their address (`product://5`)."""

    _desk: Desk = PrivateAttr()
    _view: View = PrivateAttr()

    @classmethod
    def of(cls, desk: Desk, view: View) -> "DeskTemplate":
        made = cls(
            uri_template=view.uri,
            name=view.name,
            title=view.title,
            description=view.text,
            mime_type=_JSON,
            parameters={"type": "object", "properties": {"id": {"type": "integer"}}},
        )
        made._desk, made._view = desk, view
        return made

    async def create_resource(self, uri: str, params: dict[str, Any]) -> Resource:
        return DeskResource.of(self._desk, self._view, uri, self._view.arguments(params))


class DeskProvider(Provider):
    """Everything by the caller's rights. A tool that is out of them is known, and refuses itself,
    so that the refusal is in the audit."""

    def __init__(self, desk: Desk):
        super().__init__()
        self._desk = desk
        self._tools = {name: DeskTool.of(desk, name) for name in REGISTRY}

    async def _list_tools(self) -> Sequence[Tool]:
        return [self._tools[name] for name in await self._desk.names()]

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        return self._tools.get(name)

    async def _list_resources(self) -> Sequence[Resource]:
        allowed = await self._desk.names()
        return [self._resource(view) for view in RESOURCES if view.tool in allowed]

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        return next((self._resource(view) for view in RESOURCES if view.uri == uri), None)

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        allowed = await self._desk.names()
        return [DeskTemplate.of(self._desk, view) for view in TEMPLATES if view.tool in allowed]

    async def _get_resource_template(
        self, uri: str, version: VersionSpec | None = None
    ) -> ResourceTemplate | None:
        made = (DeskTemplate.of(self._desk, view) for view in TEMPLATES)
        return next((template for template in made if template.matches(uri)), None)

    async def _list_prompts(self) -> Sequence[Prompt]:
        return offered_prompts(self._desk.caller.tenant.language, await self._desk.names())

    def _resource(self, view: View) -> DeskResource:
        return DeskResource.of(self._desk, view, view.uri, {})


def unknown(what: str, known: Sequence[str]) -> McpError:
    """The protocol's error for a name that is none; the answer lists those there are."""
    names = ", ".join(known) or "none"
    message = f"There is no such {what}; known: {names}."
    return McpError(ErrorData(code=INVALID_PARAMS, message=message))


def wrong_arguments(sentence: str) -> McpError:
    """The protocol's error for what a prompt cannot be made of."""
    return McpError(ErrorData(code=INVALID_PARAMS, message=sentence))
