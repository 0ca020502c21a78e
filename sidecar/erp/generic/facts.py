"""Kept records in the shapes of docs/contracts.md and docs/tools.md."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import ProductFacts, Row
from sidecar.errors import Unprocessable

_CENT = Decimal("0.01")
_MOST_BOUGHT = 1_000_000
_VARIANTS_OF_ONE = 1000  # a variant's id: the product's number and its place in the list


def facts_of(number: int, record: Row, context: TenantContext) -> ProductFacts:
    """One product's facts."""
    counted = _counted(record)
    free = _free(record)
    return {
        "id": number,
        "name": record["name"],
        "active": record["active"],
        "type": "service" if record["type"] == "service" else "consu",
        "is_storable": counted,
        "category": record["category"],
        "default_code": record["code"],
        "barcode": record["barcode"],
        "price": record["price"],
        "currency": record["currency"] or context.currency,
        "uom": record["unit"],
        "weight": record["weight"],
        "volume": record["volume"],
        "available": free if counted else 0.0,
        "in_stock": not counted or free > 0,
        "sale_text": record["description"],
        "attributes": record["attributes"],
        "tags": record["tags"],
        "variants": [_variant(number, place, record) for place in _places(record)],
        "ai_text": "",
        "image_url": record["image_url"],
        "write_date": "",
    }


def details_of(number: int, record: Row, numbers: dict[str, int]) -> Row:
    """numbers: ours of the ERP's ids of other products; what is not known is not named."""
    return {
        "id": number,
        "name": record["name"],
        "variants": [
            _variant(number, place, record)
            | {"attributes": record["variants"][place]["attributes"]}
            for place in _places(record)
        ],
        "alternatives": [numbers[own] for own in record["alternatives"] if own in numbers],
        "accessories": [numbers[own] for own in record["accessories"] if own in numbers],
        "dimensions": record["dimensions"],
        "warranty": record["warranty"],
    }


def level_of(number: int, record: Row) -> Row:
    """One product's stock."""
    free = _free(record)
    on_hand = record["on_hand"] if record["on_hand"] is not None else free
    arrival = record["next_arrival"]
    return {
        "id": number,
        "name": record["name"],
        "counted": _counted(record),
        "on_hand": on_hand,
        "free": free,
        "forecast": record["forecast"] if record["forecast"] is not None else free,
        "warehouses": [
            {"name": place["name"], "on_hand": place["stock"], "free": place["stock"]}
            for place in record["warehouses"]
        ],
        "variants": [
            {"id": one["id"], "name": one["name"], "free": one["available"]}
            for one in (_variant(number, place, record) for place in _places(record))
        ],
        "next_arrival": arrival or False,
    }


def quote_of(line: Row, record: Row, context: TenantContext) -> Row | None:
    """What a line costs: one price for all, taxes included. None for a variant that is not there.

    Unprocessable for a quantity that nobody can buy.
    """
    number, quantity, variant = line["product_id"], line["quantity"], line.get("variant_id")
    if not 0 < quantity <= _MOST_BOUGHT:
        raise Unprocessable("A quantity is more than 0 and at most a million.")
    chosen = _chosen(number, variant, record)
    if variant and chosen is None:
        return None
    price = chosen["price"] if chosen else record["price"]
    each = Decimal(str(price))
    total = float((each * Decimal(str(quantity))).quantize(_CENT, ROUND_HALF_UP))
    return {
        "product_id": number,
        "variant_id": chosen["id"] if chosen else False,
        "name": chosen["name"] if chosen else record["name"],
        "quantity": quantity,
        "uom": record["unit"],
        "currency": record["currency"] or context.currency,
        "list_price": price,
        "unit_price": price,
        "discount_percent": 0.0,
        "tax_included": True,
        "taxes": [],
        "subtotal": total,
        "tax": 0.0,
        "total": total,
        "pricelist": "",
    }


def profile_of(number: int, record: Row, orders: int) -> Row:
    """Who a customer is."""
    return {
        "id": number,
        "name": record["name"],
        "email": record["email"],
        "phone": record["mobile"] or record["phone"],
        "language": record["language"],
        "pricelist": "",
        "addresses": record["addresses"],
        "since": record["since"] or False,
        "orders": orders,
    }


def order_of(number: int, record: Row, context: TenantContext) -> Row:
    """An order with its lines and deliveries."""
    return {
        "id": number,
        "name": record["name"] or record["id"],
        "date": record["date"],
        "state": record["state"],
        "total": record["total"],
        "currency": record["currency"] or context.currency,
        "lines": record["lines"],
        "deliveries": [
            one | {"scheduled": one["scheduled"] or False, "done": one["done"] or False}
            for one in record["deliveries"]
        ],
        "invoiced": record["invoiced"],
        "url": record["url"],
    }


def _counted(record: Row) -> bool:
    if record["type"] == "service":
        return False
    stocks = (record["stock"], *(one["stock"] for one in record["variants"]))
    return any(stock is not None for stock in stocks)


def _free(record: Row) -> float:
    """The product's own figure, else the sum of its variants'."""
    if record["stock"] is not None:
        return record["stock"]
    return sum((one["stock"] or 0.0 for one in record["variants"]), 0.0)


def _places(record: Row) -> range:
    """Positions of variants, where there is a choice."""
    return range(len(record["variants"])) if len(record["variants"]) > 1 else range(0)


def _variant(number: int, place: int, record: Row) -> dict[str, Any]:
    told = record["variants"][place]
    return {
        "id": number * _VARIANTS_OF_ONE + place + 1,
        "name": told["name"],
        "default_code": told["code"],
        "barcode": told["barcode"],
        "price": told["price"] if told["price"] is not None else record["price"],
        "available": told["stock"] or 0.0,
    }


def _chosen(number: int, variant_id: int | None, record: Row) -> dict[str, Any] | None:
    variants = [_variant(number, place, record) for place in _places(record)]
    return next((one for one in variants if one["id"] == variant_id), None)


def variant_at(variant_id: int | bool, record: Row) -> str | None:
    """The ERP's own id of a variant; None for none."""
    return record["variants"][variant_id % _VARIANTS_OF_ONE - 1]["id"] if variant_id else None
