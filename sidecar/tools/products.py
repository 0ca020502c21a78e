"""Products: found, looked at, compared. Prices and stock are live."""

from typing import Any

from pydantic import Field

from sidecar.context import TenantContext
from sidecar.data_proxy.agent import Filters
from sidecar.tools.answers import Amount, Answer, Told, amount, shortened
from sidecar.tools.arguments import Arguments, Id, Name, Words
from sidecar.tools.context import ToolContext
from sidecar.tools.folding import folded
from sidecar.tools.offered import offered
from sidecar.tools.problems import ToolProblem
from sidecar.tools.tool import PRODUCTS, TALKING, tool

_EVERYBODY = TALKING + PRODUCTS
_COMPARED = 4


class ProductSearch(Arguments):
    query: Words = Field(description="What is looked for, in the customer's words.")
    category: Name = Field("", description="Only this category.")
    attributes: dict[Name, Name] = Field({}, max_length=5, description="As Cor: Azul.")
    min_price: float | None = Field(None, ge=0, allow_inf_nan=False)
    max_price: float | None = Field(None, ge=0, allow_inf_nan=False)
    in_stock: bool = Field(False, description="Only what can be had now.")
    limit: int = Field(5, ge=1, le=10)


class FoundRow(Told):
    """stock: how many can be had, None where nobody counts."""

    id: int
    name: str
    code: str = ""
    category: str = ""
    price: Amount
    stock: float | None = None
    available: bool
    text: str = ""


class Found(Answer):
    products: list[FoundRow]


@tool("product_search", "products", _EVERYBODY)
def product_search(context: ToolContext, arguments: ProductSearch) -> Found:
    """Find products that answer a question, best first, with live price and stock.

    Never invent a product that is not in the answer.
    """
    filters = Filters(
        category=arguments.category or None,
        attributes=arguments.attributes,
        min_price=arguments.min_price,
        max_price=arguments.max_price,
    )
    policy = "in_stock" if arguments.in_stock else None
    found = context.proxy.find_products(arguments.query, arguments.limit, filters, policy)
    return Found(products=[_row(context.tenant, product.facts) for product in found])


class OneProduct(Arguments):
    product_id: Id


class ProductData(Answer):
    id: int
    name: str
    code: str = ""
    barcode: str = ""
    category: str = ""
    price: Amount
    unit: str = ""
    stock: float | None = None
    available: bool
    attributes: dict[str, str] = {}
    text: str = ""
    weight_kg: float = 0
    dimensions: str = ""
    warranty: str = ""
    tags: list[str] = []
    variants: int = Field(0, description="How many; product_variants tells them.")
    image: str = ""


@tool("product_metadata", "products", _EVERYBODY)
def product_metadata(context: ToolContext, arguments: OneProduct) -> ProductData:
    """Everything known about one product: texts, attributes, dimensions, warranty, live price and
    stock.

    What is not in the answer is not known.
    """
    facts = sold(context.proxy.product(arguments.product_id))
    told = _details(context, [arguments.product_id]).get(arguments.product_id, {})
    return ProductData(
        **_row(context.tenant, facts).model_dump(exclude={"text"}),
        barcode=facts["barcode"],
        unit=facts["uom"],
        attributes=_attributes(facts),
        text=shortened("\n".join(filter(None, (facts["sale_text"], facts["ai_text"]))), 1500),
        weight_kg=facts["weight"],
        dimensions=told.get("dimensions", ""),
        warranty=told.get("warranty", ""),
        tags=facts["tags"],
        variants=len(told.get("variants", facts["variants"])),
        image=facts["image_url"],
    )


class Variants(Arguments):
    product_id: Id
    attributes: dict[Name, Name] = Field({}, max_length=5, description="As Cor: Azul.")


class VariantRow(Told):
    id: int
    name: str
    attributes: dict[str, str] = {}
    code: str = ""
    price: Amount
    available: float


class VariantList(Answer):
    product: str
    variants: list[VariantRow]


@tool("product_variants", "products", _EVERYBODY)
def product_variants(context: ToolContext, arguments: Variants) -> VariantList:
    """The variants of one product (color, size …) with their price and how many can be had."""
    facts = sold(context.proxy.product(arguments.product_id))
    told = _details(context, [arguments.product_id]).get(arguments.product_id)
    rows = _live(told["variants"], facts["variants"]) if told else facts["variants"]
    wanted = {folded(name): folded(value) for name, value in arguments.attributes.items()}
    return VariantList(
        product=facts["name"],
        variants=[
            VariantRow(
                id=row["id"],
                name=row["name"],
                attributes=row.get("attributes", {}),
                code=row["default_code"],
                price=amount(context.tenant, row["price"], facts["currency"]),
                available=row["available"],
            )
            for row in rows
            if wanted.items()
            <= {folded(k): folded(v) for k, v in row.get("attributes", {}).items()}.items()
        ],
    )


class Comparison(Arguments):
    product_ids: list[Id] = Field(min_length=2, max_length=_COMPARED)


class CompareRow(Told):
    """values: in the order of the products, "" = not stated."""

    attribute: str
    values: list[str]


class Compared(Answer):
    products: list[FoundRow]
    rows: list[CompareRow]


@tool("product_compare", "products", _EVERYBODY)
def product_compare(context: ToolContext, arguments: Comparison) -> Compared:
    """Two to four products beside each other: price, stock, and every attribute that one of them
    has. An empty value means that it is not stated."""
    ids = list(dict.fromkeys(arguments.product_ids))
    facts = [sold(each) for each in all_facts(context, ids).values()]
    details = _details(context, ids)
    columns = [_columns(each, details.get(each["id"], {})) for each in facts]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [
        CompareRow(attribute=name, values=[column.get(name, "") for column in columns])
        for name in names
    ]
    return Compared(products=[_row(context.tenant, each, text=False) for each in facts], rows=rows)


class Alternatives(Arguments):
    product_id: Id
    limit: int = Field(4, ge=1, le=10)


@tool("product_alternatives", "products", _EVERYBODY)
def product_alternatives(context: ToolContext, arguments: Alternatives) -> Found:
    """What can be offered instead of one product: the shop's own alternatives first, then what is
    like it. Only what can be had now."""
    facts = sold(context.proxy.product(arguments.product_id))
    told = _details(context, [arguments.product_id]).get(arguments.product_id, {})
    named = [i for i in told.get("alternatives", []) if i != arguments.product_id]
    rows = [f for f in context.proxy.product_facts(named) if can_be_had(f)] if named else []
    if len(rows) < arguments.limit:
        words = f"{facts['name']} {facts['category'].split(' / ')[-1]}"[:200]
        known = {arguments.product_id, *(f["id"] for f in rows)}
        like = context.proxy.find_products(
            words, arguments.limit + len(known), Filters(), "in_stock"
        )
        rows += [found.facts for found in like if found.facts["id"] not in known]
    return Found(products=[_row(context.tenant, each) for each in rows[: arguments.limit]])


def can_be_had(facts: dict[str, Any]) -> bool:
    """Whether a customer can have the product now."""
    return facts["active"] and (
        facts["in_stock"] or facts["type"] == "service" or not facts["is_storable"]
    )


def all_facts(context: ToolContext, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Facts by id; ToolProblem naming those that the shop does not have."""
    found = {facts["id"]: facts for facts in context.proxy.product_facts(ids)}
    missing = [str(i) for i in ids if i not in found]
    if missing:
        raise _unknown(", ".join(missing))
    return {i: found[i] for i in ids}


def _live(described: list[dict[str, Any]], facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Variants as they were described minutes ago, with the price and the stock of now."""
    now = {one["id"]: {"price": one["price"], "available": one["available"]} for one in facts}
    return [row | now.get(row["id"], {}) for row in described if not now or row["id"] in now]


def sold(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of something for sale: what is not yet, or not any more, is nobody's to hear of."""
    if not facts["active"]:
        raise _unknown(str(facts["id"]))
    return facts


def _unknown(which: str) -> ToolProblem:
    return ToolProblem(
        "not_found", f"The shop has no product {which}. Use the ids of product_search."
    )


def _details(context: ToolContext, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Details by id; nothing where the ERP has none."""
    return {row["id"]: row for row in offered(context.proxy.product_details, ids) or []}


def _row(tenant: TenantContext, facts: dict[str, Any], text: bool = True) -> FoundRow:
    return FoundRow(
        id=facts["id"],
        name=facts["name"],
        code=facts["default_code"],
        category=facts["category"],
        price=amount(tenant, facts["price"], facts["currency"]),
        stock=facts["available"] if facts["is_storable"] else None,
        available=can_be_had(facts),
        text=shortened(facts["sale_text"] or facts["ai_text"], 240) if text else "",
    )


def _attributes(facts: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: ", ".join(each["values"]) for each in facts["attributes"]}


def _columns(facts: dict[str, Any], details: dict[str, Any]) -> dict[str, str]:
    told = _attributes(facts)
    if details.get("dimensions"):
        told["dimensions"] = details["dimensions"]
    if facts["weight"]:
        told["weight (kg)"] = f"{facts['weight']:g}"
    if details.get("warranty"):
        told["warranty"] = details["warranty"]
    return told
