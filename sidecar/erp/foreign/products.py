"""Standard product fields as the facts of docs/contracts.md."""

from typing import Any

from sidecar.erp.base import ProductFacts, Row

PRODUCT = [
    *(
        "name",
        "active",
        "sale_ok",
        "type",
        "is_storable",
        "categ_id",
        "default_code",
        "barcode",
        "list_price",
    ),
    *("uom_id", "weight", "volume", "description_sale", "write_date"),
]
VARIANT = [
    *("display_name", "default_code", "barcode", "lst_price"),
    *("qty_available", "free_qty", "virtual_available"),
]


def facts_of(
    product: Row, variants: list[Row], values: list[Row], currency: str, base: str
) -> ProductFacts:
    """One product's facts. values: its attribute values. base: the server's URL."""
    free = sum(variant["free_qty"] for variant in variants)
    counted = bool(product["is_storable"])
    return {
        "id": product["id"],
        "name": product["name"],
        "active": is_sold(product),
        "type": product["type"],
        "is_storable": counted,
        "category": _name(product["categ_id"]),
        "default_code": product["default_code"] or "",
        "barcode": product["barcode"] or "",
        "price": product["list_price"],
        "currency": currency,
        "uom": _name(product["uom_id"]),
        "weight": product["weight"],
        "volume": product["volume"],
        "available": free if counted else 0.0,
        "in_stock": not counted or free > 0,
        "sale_text": product["description_sale"] or "",
        "attributes": _attributes(values),
        "tags": [],
        "variants": [_variant(variant) for variant in variants] if len(variants) > 1 else [],
        "ai_text": "",
        "image_url": f"{base}/web/image/product.template/{product['id']}/image_1920",
        "write_date": product["write_date"],
    }


def is_sold(product: Row) -> bool:
    """What is not (raw materials, what was given up) is told of as not active, and no further."""
    return bool(product["active"] and product["sale_ok"])


def level_of(product: Row, variants: list[Row]) -> Row:
    """One product's stock of the company; standard fields do not tell warehouses apart."""
    return {
        "id": product["id"],
        "name": product["name"],
        "counted": bool(product["is_storable"]),
        "on_hand": sum(variant["qty_available"] for variant in variants),
        "free": sum(variant["free_qty"] for variant in variants),
        "forecast": sum(variant["virtual_available"] for variant in variants),
        "warehouses": [],
        "variants": [
            {"id": v["id"], "name": v["display_name"], "free": v["free_qty"]} for v in variants
        ]
        if len(variants) > 1
        else [],
        "next_arrival": False,
    }


def _variant(variant: Row) -> Row:
    return {
        "id": variant["id"],
        "name": variant["display_name"],
        "default_code": variant["default_code"] or "",
        "barcode": variant["barcode"] or "",
        "price": variant["lst_price"],
        "available": variant["free_qty"],
    }


def _attributes(values: list[Row]) -> list[Row]:
    found: dict[str, list[str]] = {}
    for value in values:
        found.setdefault(_name(value["attribute_id"]), []).append(value["name"])
    return [{"name": name, "values": kinds} for name, kinds in found.items()]


def _name(link: Any) -> str:
    """The name of a many2one: `[7, "Name"]`, or False."""
    return link[1] if link else ""
