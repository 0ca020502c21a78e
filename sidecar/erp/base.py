"""What the sidecar asks of any ERP: small families of methods, in the shapes of docs/tools.md.

An adapter has the families it can serve, and says which methods those are. What it lacks raises
NotOffered, whose sentence may be told. All raise Unavailable, UpstreamRefused, UpstreamError and
Forbidden, and Unprocessable with a sentence where the caller did something wrong.
"""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Protocol

from sidecar.erp.methods import METHODS, Call
from sidecar.errors import NotOffered, SidecarError, Unprocessable

ProductFacts = dict[str, Any]
"""One product as `docs/contracts.md` describes it: live price and stock, never a cost price."""

Row = dict[str, Any]


class Catalog(Protocol):
    """Products and their stock."""

    def product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        """Ascending ids of the tenant's saleable products with id > after_id."""
        ...

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[ProductFacts]:
        """Facts of `ids`, in their order, read live; ids that are not the tenant's are left out."""
        ...

    def product_details(self, ids: list[int], lang: str | None = None) -> list[Row]:
        """Variants, alternatives, accessories and dimensions, as `product_facts` chooses."""
        ...

    def stock_levels(self, ids: list[int]) -> list[Row]:
        """On hand, free and expected, per warehouse and variant."""
        ...


class Prices(Protocol):
    """What a customer pays."""

    def price_quotes(
        self, lines: list[Row], partner_id: int | None = None, lang: str | None = None
    ) -> list[Row]:
        """Unit price, taxes and total of `{"product_id", "variant_id"?, "quantity"}` (≤ 100)."""
        ...

    def promotion_prices(
        self, product_ids: list[int], coupon: str = "", purchase: float | None = None
    ) -> list[Row]:
        """What products cost under the promotions in force."""
        ...


class Customers(Protocol):
    """Who somebody is. Whether that was proven is the caller's to know."""

    def find_partners(self, phone: str | None = None, email: str | None = None) -> list[Row]:
        """At most two customers with exactly that number or address."""
        ...

    def partner_profile(self, partner_id: int) -> Row:
        """Name, contact, addresses; {} for another's."""
        ...

    def mail_identity_code(self, email: str, code: str, lang: str | None = None) -> bool:
        """Mail a one-time code. True always; the address is checked, never told."""
        ...


class Sales(Protocol):
    """Orders and invoices of one partner's commercial family."""

    def orders(self, partner_id: int, name: str | None = None, limit: int = 5) -> list[Row]:
        """Orders with lines and deliveries, newest first."""
        ...

    def quotation_link(self, partner_id: int, order_id: int) -> Row:
        """`{"url"}` where the customer reads, signs and pays."""
        ...

    def invoices(self, partner_id: int, name: str | None = None, limit: int = 5) -> list[Row]:
        """Posted invoices, newest first."""
        ...

    def payment_link(self, partner_id: int, kind: str, record_id: int) -> Row:
        """`{"url"}` of an own order or invoice with something left to pay."""
        ...


class Calendar(Protocol):
    """Appointments."""

    def free_slots(self, rule_id: int, date_from: str, date_to: str, limit: int = 10) -> list[Row]:
        """Free times of a service between two dates (ISO) of the tenant; instants in UTC."""
        ...

    def bookings(self, partner_id: int, limit: int = 5) -> list[Row]:
        """The partner's coming appointments."""
        ...


class Records(Protocol):
    """Plain records of allowed models and fields."""

    def readable_models(self) -> dict[str, dict[str, Row]]:
        """`{model: {field: {"type", "label"}}}`."""
        ...

    def search_records(
        self,
        model: str,
        domain: list[Any],
        fields: list[str],
        limit: int = 20,
        order: str | None = None,
    ) -> list[Row]:
        """Rows that match, at most 100."""
        ...

    def read_records(self, model: str, ids: list[int], fields: list[str]) -> list[Row]:
        """Rows by id."""
        ...

    def group_records(
        self,
        model: str,
        domain: list[Any],
        groupby: list[str],
        aggregates: list[str],
        limit: int = 50,
    ) -> list[Row]:
        """Figures per group."""
        ...


class RuleSource(Protocol):
    """Reads of one tenant's business rules (docs/rules.md)."""

    def ping(self) -> dict[str, Any]:
        """As ErpAdapter's; `rules_in_force` among the capabilities where there are rules at all."""
        ...

    def company_profile(self, lang: str | None = None) -> dict[str, Any]:
        """Who the company is and how it wants to be served; {} while nobody has said."""
        ...

    def rule_ids(self) -> dict[str, list[int]]:
        """Ids by kind (rule, scheduling, document) of what the AI may tell."""
        ...

    def rule_facts(
        self, refs: Sequence[tuple[str, int]], lang: str | None = None
    ) -> list[dict[str, Any]]:
        """Facts of `refs`, in their order; those that may not be told (any more) are left out."""
        ...

    def rules_in_force(self, lang: str | None = None) -> list[dict[str, Any]]:
        """Facts of the rules that hold now, less those that a temporary one stands in for."""
        ...

    def open_state(self, at: str | None = None) -> dict[str, Any]:
        """Whether the company is open (now), and why not."""
        ...

    def free_slots(
        self, rule_id: int, date_from: str, date_to: str, limit: int = 10
    ) -> list[dict[str, Any]]:
        """As Calendar's."""
        ...


class ErpAdapter(Catalog, Prices, Customers, Sales, Calendar, Records, Protocol):
    """One tenant's ERP.

    name: begins the sources of evidence: `odoo:product.template/5`, `erp:product.template/5` of an
    ERP that sends its data.
    """

    name: str

    def ping(self) -> dict[str, Any]:
        """Who we are there: account_id, company_id, odoo_version, capabilities."""
        ...

    def offers(self, method: str) -> bool:
        """Whether it has that method; Unavailable where only the ERP could tell and is away."""
        ...

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The answers of reading calls, in their order; where one failed, its SidecarError.

        One round trip where the ERP can. Raises only what fails all of them.
        """
        ...

    def write(self, call: Call) -> Any:
        """Do what a writing method does. A repeated `key` gives the first answer."""
        ...


class Declines:
    """Base of adapters: methods of the table that are not there raise NotOffered."""

    called = "The tenant's ERP"

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        if name not in METHODS:
            raise AttributeError(name)

        def decline(*_args: Any, **_named: Any) -> NoReturn:
            raise self.declined(name)

        return decline

    def declined(self, method: str) -> NotOffered:
        """The error of a method that is not there."""
        return NotOffered(f"{self.called} does not offer {method}.", method=method)

    def offers(self, method: str) -> bool:
        """Whether the class has the method itself."""
        return hasattr(type(self), method)

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """One after the other."""
        return [answer_of(self, call) for call in calls]

    def write(self, call: Call) -> Any:
        """The method of that name."""
        return getattr(self, call.method)(**call.arguments)


def answer_of(adapter: Any, call: Call) -> Any:
    """What a reading call gives, or its SidecarError."""
    if not METHODS[call.method].reads:
        return Unprocessable(f"{call.method} is no reading method.")
    try:
        return getattr(adapter, call.method)(**call.arguments)
    except SidecarError as error:
        return error
