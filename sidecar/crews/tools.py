"""What an agent may do in one turn: tools of the tool core, and the calculator.

Which ones is decided by code (`dispatch.tools_for`); how often, how long and whom for as well. A
preview's token stays here: a model neither sees one nor can give one.
"""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, PrivateAttr

from sidecar.crews import calculator
from sidecar.crews.checking.known import Known
from sidecar.crews.masks import Masks
from sidecar.crews.quiet import BaseTool
from sidecar.llm.gateway import Budget
from sidecar.observability.tracing import Trace
from sidecar.tools.context import ToolContext
from sidecar.tools.dispatch import run, tools_for
from sidecar.tools.registry import REGISTRY
from sidecar.tools.schemas import lean
from sidecar.tools.tool import Tool

_SHOWN = (
    "Nothing has happened yet. The customer is shown this preview and asked; do not call the tool"
    " again in this turn."
)
_ENOUGH = "No more tools in this turn. Answer with what you know, or hand over to a person."
_OFTEN = 100_000  # CrewAI runs tools one after the other only where their use is counted
_PROVING = frozenset({"customer_identify", "customer_verify"})
_CODE = re.compile(r"(?<!\d)\d{3}\s?\d{3}(?!\d)")


class _Anything(BaseModel):
    """Arguments are checked by the tool core, which says what is wrong in a sentence."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def model_json_schema(cls, *_args: Any, **_more: Any) -> dict[str, Any]:
        """For CrewAI's own lists of tools, made several times in each run: no model reads them."""
        return {"type": "object", "properties": {}, "title": "Arguments"}


class _CrewTool(BaseTool):
    """One tool as CrewAI has them."""

    name: str
    description: str
    args_schema: type[BaseModel] = _Anything
    _call: Callable[[str, dict[str, Any]], str] = PrivateAttr()

    @classmethod
    def of(cls, name: str, call: Callable[[str, dict[str, Any]], str], writes: bool) -> "_CrewTool":
        counted = _OFTEN if writes else None
        tool = cls(name=name, description=name, max_usage_count=counted)
        tool._call = call
        return tool

    def run(self, *_args: Any, **arguments: Any) -> str:
        """What the tool answers, as JSON."""
        return self._call(self.name, arguments)

    def _run(self, **arguments: Any) -> str:
        return self._call(self.name, arguments)


@dataclass
class Toolbox:
    """The tools of one turn. known: makes what is known by now.

    calls: how many are left. answers: `{"tool", "answer"}` of what was called, for a second run.
    previews: (tool, preview) that were made in this turn.
    """

    context: ToolContext
    budget: Budget
    trace: Trace
    masks: Masks
    known: Callable[[], Known]
    calls: int
    answers: list[dict[str, Any]] = field(default_factory=list)
    previews: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self._allowed = tools_for(self.context)

    def tools(self) -> list[BaseTool]:
        """For an agent: also those it is not told of, whose answer then says what is missing."""
        made: list[BaseTool] = [
            _CrewTool.of(tool.name, self.call, tool.writes) for tool in self._allowed
        ]
        return [*made, _CrewTool.of(calculator.NAME, self.call, False)]

    def schemas(self) -> list[dict[str, Any]]:
        """For a model: OpenAI's format."""
        useful = [tool for tool in self._allowed if _is_of_use(tool, self.context)]
        told = [_told(tool.name) for tool in useful]
        return [*told, _function(calculator.NAME, calculator.DESCRIPTION, calculator.schema())]

    def call(self, name: str, arguments: dict[str, Any]) -> str:
        """What a tool answers to a model, as JSON. Never raises for what a model did wrong."""
        with self._lock:
            self.calls -= 1
            left = self.calls
        if left < 0 or time.monotonic() >= self.budget.deadline:
            self.trace.step("tool", name[:64], ok=False, told="limit")
            return _json({"error": _ENOUGH, "code": "limit"})
        with self.trace.timed("tool", name[:64]) as step:
            told = self._answer(name, arguments)
            step.ok = "error" not in told
            step.told = str(told.get("code", "preview" if "preview" in told else ""))
        told = self.masks.hide(told)
        with self._lock:
            self.answers.append({"tool": name, "answer": told})
        return _json(told)

    def _answer(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        arguments = self.masks.show(arguments)
        if name == calculator.NAME:
            tenant = self.context.tenant
            return calculator.calculate(arguments, self.known(), tenant.currency, tenant.language)
        arguments.pop("confirmation", None)
        told = run(name, self.context, arguments)
        if "confirmation" in told and "preview" in told:
            with self._lock:
                self.previews.append((name, told["preview"]))
            return {"preview": told["preview"], "next": _SHOWN}
        return told


def _is_of_use(tool: Tool, context: ToolContext) -> bool:
    """Whether it can do anything for this person now: a model pays for reading each of them.

    Whoever writes a code may be proven in this very turn.
    """
    proving = tool.name in _PROVING
    if context.identity.known.is_customer:
        return not proving
    if _CODE.search(context.words):
        return True
    return tool.name != "customer_verify" and not tool.personal


@lru_cache(maxsize=64)
def _told(name: str) -> dict[str, Any]:
    """A tool for a model, without the confirmation that it never has."""
    tool = REGISTRY[name]
    return _function(name, tool.summary, lean(tool, frozenset({"confirmation"})))


def _function(name: str, description: str, parameters: dict[str, Any]) -> dict[str, Any]:
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
