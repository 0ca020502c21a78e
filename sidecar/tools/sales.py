"""The customer's own orders: how they stand, what was delivered, where they are paid."""

from typing import Any

from pydantic import Field

from sidecar.tools.answers import Amount, Answer, Told, amount
from sidecar.tools.arguments import Arguments, Name
from sidecar.tools.context import ToolContext
from sidecar.tools.problems import ToolProblem
from sidecar.tools.times import local_text
from sidecar.tools.tool import tool


class OrderQuestion(Arguments):
    order: Name = Field("", description="Its number (S00042); empty = the latest ones.")
    limit: int = Field(3, ge=1, le=10)


class OrderLine(Told):
    name: str
    quantity: float
    delivered: float
    total: Amount


class Delivery(Told):
    """state: waiting, ready, done or cancelled."""

    name: str
    state: str
    scheduled: str = ""
    done: str = ""
    carrier: str = ""
    tracking: str = ""
    tracking_url: str = ""


class Order(Told):
    """state: quotation, order, done or cancelled. invoiced: no, to invoice or invoiced."""

    order: str
    date: str
    state: str
    total: Amount
    lines: list[OrderLine] = []
    deliveries: list[Delivery] = []
    invoiced: str = ""
    url: str = ""


class Orders(Answer):
    orders: list[Order]


@tool("order_status", "sales", personal=True)
def order_status(context: ToolContext, arguments: OrderQuestion) -> Orders:
    """The customer's own orders and quotations: state, lines, deliveries, link.

    Nobody else's.
    """
    rows = own_orders(context, arguments.order, arguments.limit)
    return Orders(orders=[order_told(context, row) for row in rows])


class OrderDeliveries(Told):
    order: str
    deliveries: list[Delivery]


class Deliveries(Answer):
    orders: list[OrderDeliveries]


@tool("delivery_status", "sales", personal=True)
def delivery_status(context: ToolContext, arguments: OrderQuestion) -> Deliveries:
    """Where the customer's own deliveries are: state, day, carrier and tracking."""
    rows = own_orders(context, arguments.order, arguments.limit)
    return Deliveries(
        orders=[
            OrderDeliveries(
                order=row["name"],
                deliveries=[_delivery(context, each) for each in row["deliveries"]],
            )
            for row in rows
            if row["state"] in ("order", "done") or row["deliveries"]
        ]
    )


class OneOrder(Arguments):
    order: Name = Field(min_length=1, description="Its number (S00042).")


class Link(Answer):
    order: str
    url: str


@tool("quotation_link", "sales", personal=True)
def quotation_link(context: ToolContext, arguments: OneOrder) -> Link:
    """The link where the customer reads, signs and pays their own quotation."""
    row = one_order(context, arguments.order)
    told = context.proxy.quotation_link(context.partner_id, row["id"])
    return Link(order=row["name"], url=told["url"])


def own_orders(context: ToolContext, name: str, limit: int) -> list[dict[str, Any]]:
    """The person's orders, newest first; with a name exactly that one. ToolProblem for none."""
    wanted = name.lstrip("#").strip()
    if not wanted:
        return context.proxy.orders(context.partner_id, None, limit)
    for spelling in dict.fromkeys((wanted, wanted.upper())):
        rows = context.proxy.orders(context.partner_id, spelling, limit)
        if own := [row for row in rows if row["name"].casefold() == wanted.casefold()]:
            return own
    raise ToolProblem(
        "not_found",
        "This customer has no order of that number. Ask for it again, or call without a"
        " number for the latest ones.",
    )


def one_order(context: ToolContext, name: str) -> dict[str, Any]:
    """The person's order of that number."""
    return own_orders(context, name, 1)[0]


def order_told(context: ToolContext, row: dict[str, Any]) -> Order:
    """An order as the façade tells it, for a model."""
    currency = row["currency"]
    return Order(
        order=row["name"],
        date=local_text(context.tenant, row["date"]),
        state=row["state"],
        total=amount(context.tenant, row["total"], currency),
        lines=[
            OrderLine(
                name=line["name"],
                quantity=line["quantity"],
                delivered=line["delivered"],
                total=amount(context.tenant, line["total"], currency),
            )
            for line in row["lines"]
        ],
        deliveries=[_delivery(context, each) for each in row["deliveries"]],
        invoiced=row["invoiced"],
        url=row["url"] or "",
    )


def _delivery(context: ToolContext, row: dict[str, Any]) -> Delivery:
    return Delivery(
        name=row["name"],
        state=row["state"],
        scheduled=local_text(context.tenant, row["scheduled"]),
        done=local_text(context.tenant, row["done"]),
        carrier=row["carrier"] or "",
        tracking=row["tracking"] or "",
        tracking_url=row["tracking_url"] or "",
    )
