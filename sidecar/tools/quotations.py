"""Quotations: previewed at the customer's prices, made as drafts when the customer agreed."""

from typing import Any

from pydantic import Field

from sidecar.tools.answers import Amount, Answer, Told, amount
from sidecar.tools.arguments import Line, Name, WriteArguments
from sidecar.tools.context import ToolContext
from sidecar.tools.offered import offered
from sidecar.tools.prices import quotes_for
from sidecar.tools.problems import ToolProblem
from sidecar.tools.sales import Order, one_order, order_told
from sidecar.tools.tool import TALKING, tool

Lines = Field(min_length=1, max_length=30)


class PreviewLine(Told):
    name: str
    quantity: float
    unit_price: Amount
    total: Amount


class PreviewQuotation(Answer):
    customer: str
    order: str = ""
    lines: list[PreviewLine]
    total: Amount


class MadeQuotation(Answer):
    quotation: Order
    left_out: list[str] = []


class NewQuotation(WriteArguments):
    lines: list[Line] = Lines


def _preview_new(context: ToolContext, arguments: NewQuotation) -> PreviewQuotation:
    return _priced(context, arguments.lines)


@tool("quotation_create", "sales", TALKING, preview=_preview_new, personal=True)
def quotation_create(context: ToolContext, arguments: NewQuotation, key: str) -> MadeQuotation:
    """Make a draft quotation for the customer at their own prices. Binds nobody to anything."""
    lines = [line.as_dict() for line in arguments.lines]
    row = context.proxy.write("quotation_create", context.partner_id, lines, key, context.who)
    return MadeQuotation(quotation=order_told(context, row))


class MoreLines(WriteArguments):
    order: Name = Field(min_length=1, description="The draft quotation's number.")
    lines: list[Line] = Lines


def _preview_more(context: ToolContext, arguments: MoreLines) -> PreviewQuotation:
    row = _draft(context, arguments.order)
    return _priced(context, arguments.lines, row["name"])


@tool("quotation_add_line", "sales", TALKING, preview=_preview_more, personal=True)
def quotation_add_line(context: ToolContext, arguments: MoreLines, key: str) -> MadeQuotation:
    """Add products to the customer's own draft quotation."""
    order_id = one_order(context, arguments.order)["id"]
    lines = [line.as_dict() for line in arguments.lines]
    row = context.proxy.write(
        "quotation_add_lines", context.partner_id, order_id, lines, key, context.who
    )
    return MadeQuotation(quotation=order_told(context, row))


class OrderAgain(WriteArguments):
    order: Name = Field(min_length=1, description="The earlier order's number.")


class PreviewReorder(Answer):
    customer: str
    order: str
    again: list[str]


def _preview_again(context: ToolContext, arguments: OrderAgain) -> PreviewReorder:
    row = one_order(context, arguments.order)
    return PreviewReorder(
        customer=context.person.name,
        order=row["name"],
        again=[f"{line['quantity']:g} × {line['name']}" for line in row["lines"]],
    )


@tool("order_reorder", "sales", TALKING, preview=_preview_again, personal=True)
def order_reorder(context: ToolContext, arguments: OrderAgain, key: str) -> MadeQuotation:
    """Make a draft quotation of what the customer ordered before, at today's prices, with what can
    still be sold."""
    order_id = one_order(context, arguments.order)["id"]
    told = context.proxy.write("reorder", context.partner_id, order_id, key, context.who)
    return MadeQuotation(quotation=order_told(context, told["order"]), left_out=told["left_out"])


def _draft(context: ToolContext, name: str) -> dict[str, Any]:
    row = one_order(context, name)
    if row["state"] != "quotation":
        raise ToolProblem(
            "refused", "That is no draft quotation any more. Make a new one with quotation_create."
        )
    return row


def _priced(context: ToolContext, lines: list[Line], order: str = "") -> PreviewQuotation:
    quotes = quotes_for(context, lines)
    _require_variants(context, quotes)
    currency = quotes[0]["currency"]
    return PreviewQuotation(
        customer=context.person.name,
        order=order,
        lines=[
            PreviewLine(
                name=quote["name"],
                quantity=quote["quantity"],
                unit_price=amount(context.tenant, quote["unit_price"], currency),
                total=amount(context.tenant, quote["total"], currency),
            )
            for quote in quotes
        ],
        total=amount(context.tenant, round(sum(q["total"] for q in quotes), 2), currency),
    )


def _require_variants(context: ToolContext, quotes: list[dict[str, Any]]) -> None:
    """ToolProblem where a product has several variants and none was named."""
    open_ones = [quote["product_id"] for quote in quotes if not quote["variant_id"]]
    for row in (offered(context.proxy.product_details, open_ones) or []) if open_ones else []:
        if len(row["variants"]) > 1:
            choice = "; ".join(f"{each['id']} = {each['name']}" for each in row["variants"][:12])
            raise ToolProblem(
                "invalid_arguments",
                f"Ask which variant of {row['name']}, and give its variant_id: {choice}.",
            )
