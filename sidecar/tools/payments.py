"""The customer's own invoices, and where they are paid."""

from typing import Any

from pydantic import Field, model_validator

from sidecar.tools.answers import Amount, Answer, Told, amount
from sidecar.tools.arguments import Arguments, Name
from sidecar.tools.context import ToolContext
from sidecar.tools.problems import ToolProblem
from sidecar.tools.sales import one_order
from sidecar.tools.times import local_text
from sidecar.tools.tool import TALKING, tool


class InvoiceQuestion(Arguments):
    invoice: Name = Field("", description="Its number; empty = the latest ones.")
    limit: int = Field(3, ge=1, le=10)


class Invoice(Told):
    """payment: not_paid, in_payment, partial, paid or reversed. open: what is left to pay."""

    invoice: str
    date: str
    due: str = ""
    payment: str
    total: Amount
    open: Amount
    url: str = ""


class Invoices(Answer):
    invoices: list[Invoice]


@tool("invoice_status", "payments", TALKING, personal=True)
def invoice_status(context: ToolContext, arguments: InvoiceQuestion) -> Invoices:
    """The customer's own invoices: due day, what is paid and what is left.

    Nobody else's.
    """
    rows = _own_invoices(context, arguments.invoice, arguments.limit)
    return Invoices(
        invoices=[
            Invoice(
                invoice=row["name"],
                date=local_text(context.tenant, row["date"]),
                due=local_text(context.tenant, row["due"]),
                payment=row["payment"],
                total=amount(context.tenant, row["total"], row["currency"]),
                open=amount(context.tenant, row["residual"], row["currency"]),
                url=row["url"] or "",
            )
            for row in rows
        ]
    )


class ToPay(Arguments):
    order: Name = Field("", description="The number of an order, or")
    invoice: Name = Field("", description="the number of an invoice.")

    @model_validator(mode="after")
    def _one_of_them(self) -> "ToPay":
        if bool(self.order) == bool(self.invoice):
            raise ValueError("name an order or an invoice")
        return self


class PayHere(Answer):
    number: str
    url: str


@tool("payment_link", "payments", TALKING, personal=True)
def payment_link(context: ToolContext, arguments: ToPay) -> PayHere:
    """The link where the customer pays their own order or invoice."""
    if arguments.order:
        row, kind = one_order(context, arguments.order), "order"
    else:
        row, kind = _own_invoices(context, arguments.invoice, 1)[0], "invoice"
    told = context.proxy.payment_link(context.partner_id, kind, row["id"])
    return PayHere(number=row["name"], url=told["url"])


def _own_invoices(context: ToolContext, name: str, limit: int) -> list[dict[str, Any]]:
    rows = context.proxy.invoices(context.partner_id, name or None, limit)
    if name:
        rows = [row for row in rows if row["name"].casefold() == name.casefold()]
        if not rows:
            raise ToolProblem(
                "not_found",
                "This customer has no invoice of that number. Ask for it again, or call without a"
                " number for the latest ones.",
            )
    return rows
