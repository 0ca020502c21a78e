"""The tools as MCP describes them: schemas without references, hints, the family they are of."""

from functools import lru_cache
from typing import Any

from fastmcp.utilities.json_schema import dereference_refs
from mcp.types import ToolAnnotations

from sidecar.tools.registry import REGISTRY
from sidecar.tools.tool import Tool

# they write nothing, but send an e-mail, and change whom the session has proven
_SESSION_CHANGES = frozenset({"customer_identify", "customer_verify"})


@lru_cache(maxsize=len(REGISTRY))
def described(name: str) -> dict[str, Any]:
    """What fastmcp's Tool is made of for the tool `name`. Shared: never change it."""
    tool = REGISTRY[name]
    title = name.replace("_", " ").capitalize()
    reads = not tool.writes and name not in _SESSION_CHANGES
    return {
        "name": name,
        "title": title,
        "description": tool.description,
        "parameters": dereference_refs(tool.input_schema()),
        "output_schema": _answer_schema(tool),
        "annotations": ToolAnnotations(
            title=title,
            readOnlyHint=reads,
            destructiveHint=tool.destructive,
            # a write is done once per confirmation, however often it is called
            idempotentHint=name not in _SESSION_CHANGES,
            openWorldHint=False,
        ),
        "tags": {tool.family},
        "meta": {"family": tool.family, "personal": tool.personal},
    }


def _answer_schema(tool: Tool) -> dict[str, Any]:
    """One schema, whose root is an object as MCP wants it; of writing tools, either answer."""
    schemas = [dereference_refs(schema) for schema in tool.output_schemas()]
    return schemas[0] if len(schemas) == 1 else {"type": "object", "anyOf": schemas}
