"""What a tool is, and the decorator that makes one of a function."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import BaseModel

from sidecar.tools.answers import Preview
from sidecar.tools.arguments import Arguments

if TYPE_CHECKING:
    from sidecar.tools.context import ToolContext

TALKING = ("customer_service", "sales", "analytics")
PRODUCTS = ("product_management", "social_media", "marketplace")

Function = Callable[..., BaseModel]


@dataclass(frozen=True, slots=True)
class Tool:
    """A named ability.

    family:      tools that belong together (docs/tools.md).
    description: for any model. summary: its beginning, for ours: their instructions say once for
                 all that nothing is invented and nobody hears of others.
    crews:       the crews whose agents it is meant for.
    writes:      off unless the tenant switches it on; previews, then wants a confirmation.
    destructive: what it does cannot be taken back.
    personal:    only for a customer who is proven.
    staff:       only for the crews above, the owner and MCP keys of the shop's people.
    arguments, answer: models of what goes in and comes out.
    """

    name: str
    family: str
    description: str
    summary: str
    crews: tuple[str, ...]
    writes: bool
    destructive: bool
    personal: bool
    staff: bool
    arguments: type[Arguments]
    answer: type[BaseModel]
    _function: Function
    _preview: Function | None

    def call(self, context: "ToolContext", arguments: Any) -> BaseModel:
        """Read, and answer."""
        return self._function(context, arguments)

    def preview(self, context: "ToolContext", arguments: Any) -> BaseModel:
        """What a writing tool would do."""
        assert self._preview is not None
        return self._preview(context, arguments)

    def perform(self, context: "ToolContext", arguments: Any, key: str) -> BaseModel:
        """Write. The same idempotency key again gives the first answer."""
        return self._function(context, arguments, key)

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments."""
        return _small(self.arguments.model_json_schema())

    def output_schemas(self) -> list[dict[str, Any]]:
        """JSON Schemas of what may come back, errors apart."""
        models = [self.answer, Preview] if self.writes else [self.answer]
        return [_small(model.model_json_schema(mode="serialization")) for model in models]


_made: dict[str, Tool] = {}


def tool(
    name: str,
    family: str,
    crews: tuple[str, ...] = TALKING,
    *,
    preview: Function | None = None,
    destructive: bool = False,
    personal: bool = False,
    staff: bool = False,
) -> Callable[[Function], Function]:
    """Make a tool of `function(context, arguments) -> answer`; its docstring is what a model reads,
    our own models only the first paragraph.

    With `preview`, a function like it, the tool writes: `function(context, arguments, key)`.
    """

    def register(function: Function) -> Function:
        assert name not in _made, name
        hints = get_type_hints(function)
        doc = inspect.getdoc(function) or ""
        _made[name] = Tool(
            name=name,
            family=family,
            description=" ".join(doc.split()),
            summary=" ".join(doc.partition("\n\n")[0].split()),
            crews=crews,
            writes=preview is not None,
            destructive=destructive,
            personal=personal,
            staff=staff,
            arguments=hints["arguments"],
            answer=hints["return"],
            _function=function,
            _preview=preview,
        )
        return function

    return register


def made() -> Iterator[tuple[str, Tool]]:
    """The tools made so far."""
    return iter(_made.items())


def _small(schema: Any) -> Any:
    """The schema without the titles and docstrings that pydantic adds: a model pays for each."""
    if isinstance(schema, list):
        return [_small(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: _small(field) for name, field in value.items()}
        elif key not in ("title", "propertyNames") and not (
            key == "description" and schema.get("type") == "object"
        ):
            kept[key] = _small(value)
    return kept
