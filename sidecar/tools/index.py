"""Upkeep by product crews and MCP clients: the search index, and what Odoo shows of it."""

from typing import Literal

from pydantic import Field

from sidecar.tools.answers import Answer
from sidecar.tools.arguments import Arguments, Id, Words, WriteArguments
from sidecar.tools.context import Reindex, ToolContext
from sidecar.tools.problems import ToolProblem
from sidecar.tools.products import all_facts
from sidecar.tools.tool import tool


class IndexedProducts(WriteArguments):
    product_ids: list[Id] = Field(min_length=1, max_length=100)


class PreviewProducts(Answer):
    products: list[str]


class Done(Answer):
    counts: dict[str, int]


def _preview_index(context: ToolContext, arguments: IndexedProducts) -> PreviewProducts:
    _reindex(context)
    facts = all_facts(context, arguments.product_ids)
    return PreviewProducts(products=[each["name"] for each in facts.values()])


@tool("vector_db", "content", ("product_management",), preview=_preview_index, staff=True)
def vector_db(context: ToolContext, arguments: IndexedProducts, key: str) -> Done:
    """Bring the search index up to date for these products. What has not changed costs nothing."""
    told = _reindex(context)(arguments.product_ids)
    counts = {
        name: value
        for name, value in told.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
    return Done(counts=counts)


class SyncRow(Arguments):
    product_id: Id
    state: Literal["not_synced", "synced", "needs_update", "error"]
    error: Words | None = Field(None, description="Why, with state error.")


class SyncStates(WriteArguments):
    rows: list[SyncRow] = Field(min_length=1, max_length=100)


def _preview_states(context: ToolContext, arguments: SyncStates) -> PreviewProducts:
    facts = all_facts(context, [row.product_id for row in arguments.rows])
    return PreviewProducts(
        products=[f"{facts[row.product_id]['name']}: {row.state}" for row in arguments.rows]
    )


@tool(
    "odoo_sync", "content", ("product_management", "marketplace"), preview=_preview_states,
    staff=True,
)  # fmt: skip
def odoo_sync(context: ToolContext, arguments: SyncStates, key: str) -> Done:
    """Tell Odoo how products stand in the search index: synced, needs an update, or an error."""
    rows = [row.model_dump(exclude_none=True) for row in arguments.rows]
    context.proxy.write("set_sync_states", rows)
    return Done(counts={"products": len(rows)})


def _reindex(context: ToolContext) -> Reindex:
    if context.reindex is None:
        raise ToolProblem("unsupported", "The index cannot be written from here.")
    return context.reindex
