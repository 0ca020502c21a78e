"""The one way to call a tool: for crews, MCP clients and the playground.

Whatever happens, the caller gets a small dict: the answer, or `{"error": sentence, "code"}`. No
traceback and no text of somebody else's server comes out.
"""

import json
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from sidecar.errors import (
    DeadlineExceeded,
    Forbidden,
    NotFound,
    NotOffered,
    SidecarError,
    TooManyRequests,
    Unavailable,
    Unprocessable,
)
from sidecar.tenants.tool_names import tool_name
from sidecar.tools.answers import Preview, shortened
from sidecar.tools.caps import capped
from sidecar.tools.context import ToolContext
from sidecar.tools.problems import ToolProblem, identify_first
from sidecar.tools.registry import REGISTRY
from sidecar.tools.tool import Tool

log = structlog.get_logger(__name__)

_MOST_GIVEN = 20_000  # characters of arguments
_LONGEST_SENTENCE = 300
# what a model wrote itself, or what is nobody's figure, proves nothing in an answer
_NOT_EVIDENCE = frozenset({"confirmation", "next", "answers"})
_SHOW = (
    "Nothing has happened yet. Show the preview to the person, ask whether it is right, and when"
    " they have agreed call this tool again with the same arguments and this confirmation."
)
_FAILED = "The tool failed. Say that you cannot tell this right now, or hand over to a person."
_UNREACHABLE = (
    "The shop's system cannot be reached right now. Say so, and offer to try again later or to call"
    " a person."
)
_REFUSED = "The shop's system does not allow this. Hand over to a person."
_LACKING = (
    "The shop's system does not offer this. Say that you cannot tell, or hand over to a person."
)
_GONE = "There is no such record. Look for it again."
_BUSY = "Too many requests at once. Try again in a moment."


def run(name: str, context: ToolContext, raw: Any) -> dict[str, Any]:
    """What the tool `name` answers to the arguments `raw` (a dict, or its JSON).

    Evidence is what the answer says; the audit gets the tool's name and the person's, no values.
    """
    tool: Tool | None = None
    try:
        tool = _named(name, context)
        if objection := _objection(tool, context):
            raise ToolProblem("not_allowed", objection)
        arguments = _arguments(tool, raw)
        if tool.personal and not context.person.is_customer:
            raise identify_first()
        answer = (
            _written(tool, context, arguments) if tool.writes else tool.call(context, arguments)
        )
        told = _small(answer, context)
    except ToolProblem as problem:
        return _refused(tool, context, problem)
    except SidecarError as error:
        return _refused(tool, context, _translated(error))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # an ERP that answers in another shape than it should
        log.error(
            "tool.failed", account=context.tenant.account_id, tool=name[:64],
            error=type(error).__name__,
        )  # fmt: skip
        return _refused(tool, context, ToolProblem("failed", _FAILED))
    context.proxy.evidence.add(f"tool:{tool.name}", _without(told, _NOT_EVIDENCE))
    if _is_told(tool, context):
        context.audit(_subject(tool.name, context), "ok", "")
    return told


def tools_for(context: ToolContext) -> list[Tool]:
    """The tools that may be called here, in the order of the registry."""
    return [tool for tool in REGISTRY.values() if _objection(tool, context) is None]


def _named(name: str, context: ToolContext) -> Tool:
    try:
        return REGISTRY[tool_name(str(name))]
    except ValueError:
        known = ", ".join(tool.name for tool in tools_for(context))
        raise ToolProblem("unknown_tool", f"There is no such tool; use one of: {known}.") from None


def _objection(tool: Tool, context: ToolContext) -> str | None:
    """Why the caller may not call the tool; None when they may."""
    if context.tools is not None and tool.name not in context.tools:
        return "This tool is not among those you may use."
    if tool.writes and tool.name not in context.writes:
        return (
            "The shop has not switched this tool on, so nothing can be changed here. Hand over to a"
            " person."
        )
    if tool.staff and not _is_staff(tool, context):
        return "This tool is for the shop's own people."
    return None


def _is_staff(tool: Tool, context: ToolContext) -> bool:
    """Whether no customer is on the other side, and the crew is one of the tool's."""
    if context.caller == "crew" and context.crew not in tool.crews:
        return False
    return context.serves_staff


def _arguments(tool: Tool, raw: Any) -> Any:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw) if len(raw) <= _MOST_GIVEN else None
        except (ValueError, RecursionError):
            raw = None
    if raw is None or not isinstance(raw, dict):
        raise ToolProblem("invalid_arguments", "The arguments must be one JSON object.")
    try:
        size = len(json.dumps(raw, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        size = _MOST_GIVEN + 1
    if size > _MOST_GIVEN:
        raise ToolProblem("invalid_arguments", "The arguments are too large.")
    try:
        return tool.arguments.model_validate(raw)
    except ValidationError as error:
        raise ToolProblem("invalid_arguments", _first_problem(error, tool)) from None


def _first_problem(error: ValidationError, tool: Tool) -> str:
    """The first wrong argument, without the value that was given."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part)[:40] for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(tool.arguments.model_fields) or "none"
        return f"There is no argument {field}; known: {known}."
    return f"Argument {field or '(all)'}: {first['msg'].removeprefix('Value error, ')}."


def _written(tool: Tool, context: ToolContext, arguments: Any) -> BaseModel:
    """A preview and its token, or with the token what was done."""
    asker = context.asker
    payload = arguments.model_dump(mode="json", exclude={"confirmation"})
    confirmations = context.confirmations
    token = arguments.confirmation
    if not token:
        preview = _small(tool.preview(context, arguments), context)
        token = confirmations.offer(asker, tool.name, payload, preview)
        return Preview(preview=preview, confirmation=token, next=_SHOW)
    key = confirmations.claim(asker, tool.name, payload, token, tool.destructive)
    try:
        answer = tool.perform(context, arguments, key)
    except (Unavailable, DeadlineExceeded):
        confirmations.release(asker, token)
        raise
    except BaseException:
        confirmations.drop(asker, token)
        raise
    confirmations.drop(asker, token)
    return answer


def _small(answer: BaseModel, context: ToolContext) -> dict[str, Any]:
    told = answer.model_dump(mode="json", exclude_defaults=True)
    return capped(told, context.settings.tool_rows, context.settings.tool_characters)


def _translated(error: SidecarError) -> ToolProblem:
    if isinstance(error, Unprocessable):
        return ToolProblem("refused", shortened(error.message, _LONGEST_SENTENCE))
    if isinstance(error, NotOffered):
        return ToolProblem("unsupported", _LACKING)
    if isinstance(error, NotFound):
        return ToolProblem("not_found", _GONE)
    if isinstance(error, Unavailable | DeadlineExceeded):
        return ToolProblem("unavailable", _UNREACHABLE)
    if isinstance(error, TooManyRequests):
        return ToolProblem("limit", _BUSY)
    if isinstance(error, Forbidden):
        return ToolProblem("not_allowed", _REFUSED)
    return ToolProblem("failed", _FAILED)


def _refused(tool: Tool | None, context: ToolContext, problem: ToolProblem) -> dict[str, Any]:
    name = tool.name if tool else "unknown"
    account = context.tenant.account_id
    log.info("tool.refused", account=account, tool=name, code=problem.code)
    if problem.code not in ("invalid_arguments", "confirmation") or context.caller == "mcp":
        result = "error" if problem.code in ("failed", "unavailable") else "refused"
        context.audit(_subject(name, context), result, problem.code)
    return {"error": problem.sentence, "code": problem.code}


def _is_told(tool: Tool, context: ToolContext) -> bool:
    """Whether the audit hears of a call that went well: strangers' questions would fill it."""
    return context.caller == "mcp" or tool.personal or tool.writes or tool.staff


def _subject(name: str, context: ToolContext) -> str:
    """`order_status for Ana Lima (channel, 7-123)`: Odoo keeps the name where it can be erased.

    An MCP key's rows say its id as their service.
    """
    person = context.identity.known
    if not person.proof:
        return name
    where = f", {context.conversation}" if context.conversation else ""
    return f"{name} for {person.name or person.proof} ({person.proof}{where})"


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(entry, names) for key, entry in value.items() if key not in names}
    if isinstance(value, list):
        return [_without(entry, names) for entry in value]
    return value
