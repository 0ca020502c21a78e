"""How many of a product can be had, where, and when more come."""

from typing import Any

from pydantic import Field

from sidecar.tools.answers import Answer, Told
from sidecar.tools.arguments import Arguments, Id
from sidecar.tools.context import ToolContext
from sidecar.tools.problems import ToolProblem
from sidecar.tools.tool import PRODUCTS, TALKING, tool


class StockLevels(Arguments):
    product_ids: list[Id] = Field(min_length=1, max_length=10)


class Place(Told):
    name: str
    free: float


class Arrival(Told):
    date: str
    quantity: float


class StockRow(Told):
    """counted: false = made to order or a service, so no number says anything."""

    id: int
    name: str
    counted: bool
    free: float | None = Field(None, description="Not reserved for anybody.")
    warehouses: list[Place] = []
    variants: list[Place] = []
    next_arrival: Arrival | None = None


class Stock(Answer):
    products: list[StockRow]


@tool("stock_levels", "stock", TALKING + PRODUCTS)
def stock_levels(context: ToolContext, arguments: StockLevels) -> Stock:
    """How many of each product can be had now, by warehouse and variant, and when more arrive."""
    rows = context.proxy.stock_levels(arguments.product_ids)
    known = {row["id"] for row in rows}
    missing = [str(i) for i in arguments.product_ids if i not in known]
    if missing:
        raise ToolProblem(
            "not_found",
            f"The shop has no product {', '.join(missing)}. Use the ids of product_search.",
        )
    return Stock(products=[_row(row) for row in rows])


def _row(row: dict[str, Any]) -> StockRow:
    if not row["counted"]:
        return StockRow(id=row["id"], name=row["name"], counted=False)
    arrival = row["next_arrival"]
    return StockRow(
        id=row["id"],
        name=row["name"],
        counted=True,
        free=row["free"],
        warehouses=_places(row["warehouses"]),
        variants=_places(row["variants"]),
        next_arrival=Arrival(**arrival) if arrival else None,
    )


def _places(rows: list[dict[str, Any]]) -> list[Place]:
    return [Place(name=row["name"], free=row["free"]) for row in rows]
