"""What a purchase costs: the customer's price list, promotions, taxes, PIX and installments."""

from decimal import Decimal
from typing import Any

from pydantic import Field

from sidecar.errors import NotOffered
from sidecar.llm.sentences import number, translations
from sidecar.tools.answers import Amount, Answer, Told, amount
from sidecar.tools.arguments import Arguments, Line, Name
from sidecar.tools.context import ToolContext
from sidecar.tools.offered import offered
from sidecar.tools.payment_terms import Terms, rounded, terms_of
from sidecar.tools.problems import ToolProblem
from sidecar.tools.tool import TALKING, tool


class PriceQuestion(Arguments):
    lines: list[Line] = Field(min_length=1, max_length=30)
    coupon: Name = Field("", description="A coupon that the customer named.")


class PriceLine(Told):
    """promotion: the title's rule made unit_price lower than regular_price."""

    product_id: int
    name: str
    quantity: float
    unit: str = ""
    regular_price: Amount | None = None
    unit_price: Amount
    promotion: bool = False
    coupon: str = ""
    total: Amount


class Installment(Told):
    count: int
    each: Amount


class Price(Answer):
    lines: list[PriceLine]
    subtotal: Amount | None = Field(None, description="Before taxes, where they come on top.")
    tax: Amount | None = None
    total: Amount
    pix_total: Amount | None = None
    interest_free: list[Installment] = []
    say: list[str] = Field([], description="The same, as sentences for the customer.")
    coupon_holds: bool | None = None


@tool("price_calculator", "prices", TALKING)
def price_calculator(context: ToolContext, arguments: PriceQuestion) -> Price:
    """What quantities of products cost this customer now: their price list, promotions in force
    and a coupon, taxes, the total by PIX and in installments.

    Never do such sums yourself.
    """
    quotes = quotes_for(context, arguments.lines)
    currency = quotes[0]["currency"]
    offers = _offers(context, quotes, arguments.coupon)
    sums = [_Sum(quote, offers.get(quote["product_id"])) for quote in quotes]
    total = sum((each.total for each in sums), Decimal(0))
    tax = sum((each.tax for each in sums if not each.included), Decimal(0))
    terms = terms_of(
        offered(context.proxy.rules_in_force) or [],
        total,
        currency,
        [quote["product_id"] for quote in quotes],
    )

    def money(value: Decimal) -> Amount:
        return amount(context.tenant, float(value), currency)

    return Price(
        lines=[each.told(context) for each in sums],
        subtotal=money(total - tax) if tax else None,
        tax=money(tax) if tax else None,
        total=money(total),
        pix_total=money(terms.pix) if terms.pix is not None else None,
        interest_free=[Installment(count=n, each=money(each)) for n, each in terms.installments],
        say=_sentences(context, total, currency, terms),
        coupon_holds=any(each.coupon for each in sums) if arguments.coupon else None,
    )


def quotes_for(context: ToolContext, lines: list[Line]) -> list[dict[str, Any]]:
    """The ERP's quotes of `lines` for the person who asks, in their order.

    ToolProblem where the shop does not sell one of the products.
    """
    partner_id = context.person.partner_id if context.person.is_customer else None
    wanted = [line.as_dict() for line in lines]
    quotes = context.proxy.price_quotes(wanted, partner_id)
    known = {quote["product_id"] for quote in quotes}
    missing = [str(line.product_id) for line in lines if line.product_id not in known]
    if missing or not quotes:
        raise ToolProblem(
            "not_found",
            f"The shop does not sell {', '.join(missing)}. Use the ids of product_search.",
        )
    return quotes


class _Sum:
    """One line with the promotion that is better than its price, if any."""

    def __init__(self, quote: dict[str, Any], offer: dict[str, Any] | None):
        self.quote = quote
        self.included = quote["tax_included"]
        self.unit = Decimal(str(quote["unit_price"]))
        self.tax, self.total = Decimal(str(quote["tax"])), Decimal(str(quote["total"]))
        self.offer: dict[str, Any] | None = None
        self.coupon = ""
        if offer and Decimal(str(offer["offer"])) < self.unit:
            self._reduce(offer)

    def _reduce(self, offer: dict[str, Any]) -> None:
        currency, before = self.quote["currency"], self.unit
        self.offer, self.coupon = offer, offer["coupon"] or ""
        self.unit = Decimal(str(offer["offer"]))
        price = rounded(self.unit * Decimal(str(self.quote["quantity"])), currency)
        # taxes are shares of the price
        self.tax = rounded(self.tax * self.unit / before, currency)
        self.total = price if self.included else price + self.tax

    def told(self, context: ToolContext) -> PriceLine:
        """For the answer."""
        quote = self.quote
        regular = Decimal(str(quote["list_price"]))
        currency, tenant = quote["currency"], context.tenant
        return PriceLine(
            product_id=quote["product_id"],
            name=quote["name"],
            quantity=quote["quantity"],
            unit=quote["uom"],
            regular_price=amount(tenant, float(regular), currency)
            if regular != self.unit
            else None,
            unit_price=amount(tenant, float(self.unit), currency),
            promotion=self.offer is not None,
            coupon=self.coupon,
            total=amount(tenant, float(self.total), currency),
        )


def _offers(
    context: ToolContext, quotes: list[dict[str, Any]], coupon: str
) -> dict[int, dict[str, Any]]:
    """Prices under promotions, by product; the whole purchase counts for a minimum."""
    ids = list(dict.fromkeys(quote["product_id"] for quote in quotes))
    purchase = sum(
        Decimal(str(quote["list_price"])) * Decimal(str(quote["quantity"])) for quote in quotes
    )
    try:
        rows = context.proxy.promotion_prices(ids, coupon, float(purchase))
    except NotOffered:
        return {}
    return {row["id"]: row for row in rows if row["rule_id"]}


def _sentences(context: ToolContext, total: Decimal, currency: str, terms: Terms) -> list[str]:
    _ = translations(context.tenant.language).gettext

    def text(value: Decimal) -> str:
        return amount(context.tenant, float(value), currency).text

    found = [_("Total: %(total)s.") % {"total": text(total)}]
    if terms.pix is not None:
        percent = number(float(terms.pix_discount), context.tenant.language)
        told = {"total": text(terms.pix), "percent": percent}
        found.append(_("With PIX: %(total)s (%(percent)s%% off).") % told)
    if terms.installments:
        count, each = terms.installments[-1]
        told = {"count": count, "each": text(each)}
        found.append(_("In up to %(count)s installments of %(each)s without interest.") % told)
    if terms.most:
        found.append(_("Up to %(count)s installments with interest.") % {"count": terms.most})
    return found
