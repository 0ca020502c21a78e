"""Catalogs in JSON lines, as product facts: what an evaluation indexes.

One product a line. `id` is kept as the caller knows it; what is known by another name elsewhere is
read under that name too; every key that is not known is an attribute.
"""

import gzip
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sidecar.errors import Unprocessable

_NAME = ("title", "product_title", "product_name", "name")
_TEXT = (
    "text", "description", "product_description", "sale_text", "bullet_point", "bullet_points",
    "product_bullet_point", "short_description", "summary",
)  # fmt: skip
_CATEGORY = ("category", "product_category", "category_hierarchy", "product_class", "class")
_CODES = ("default_code", "sku", "mpn", "model", "code", "name")
_BARCODES = ("ean", "barcode", "gtin", "upc")
_PRICE = ("price", "list_price", "price_cents")
_NOT_SEARCHED = {"id", "product_id", "released", "image", "image_url", "url", "currency"}


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a .jsonl or .jsonl.gz file. Unprocessable names a bad line."""
    opener = gzip.open if path.suffix == ".gz" else open
    found = []
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    one = json.loads(line)
                    if not isinstance(one, dict):
                        raise Unprocessable(f"{path.name}: line {number} is no JSON object.")
                    found.append(one)
    except (OSError, EOFError, UnicodeDecodeError):
        raise Unprocessable(f"{path.name} cannot be read.") from None
    except json.JSONDecodeError:
        raise Unprocessable(f"{path.name}: a line is not JSON.") from None
    return found


def facts_of(products: Iterable[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Facts of docs/contracts.md, numbered from 1 in the products' order."""
    return [_facts(number, product, currency) for number, product in enumerate(products, 1)]


def outer_id(product: dict[str, Any]) -> str:
    """The product's id in the file. Unprocessable where there is none."""
    found = product.get("id", product.get("product_id"))
    if found is None:
        raise Unprocessable("A product has no id.")
    return str(found)


def _facts(number: int, product: dict[str, Any], currency: str) -> dict[str, Any]:
    used: set[str] = set()

    def take(names: tuple[str, ...], all_of_them: bool = False) -> list[str]:
        found = []
        for key in names:
            if key not in used and (values := list(_texts(product.get(key)))):
                used.add(key)
                found += values
                if not all_of_them:
                    break
        return found

    name = " ".join(take(_NAME))
    texts = take(_TEXT, all_of_them=True)
    categories = take(_CATEGORY, all_of_them=True)
    codes, barcodes = take(_CODES, all_of_them=True), take(_BARCODES, all_of_them=True)
    price = next((_price(product[key], key) for key in _PRICE if product.get(key)), 0.0)
    known = {*used, *_NOT_SEARCHED, *_PRICE, "attributes", "tags"}
    others = {key: value for key, value in product.items() if key not in known}
    given = product.get("attributes")
    attributes = [*_attributes(given if isinstance(given, dict) else {}), *_attributes(others)]
    if isinstance(given, list | str):
        attributes += _listed(given if isinstance(given, list) else [given])
    return {
        "id": number,
        "name": name,
        "active": True,
        "type": "consu",
        "is_storable": True,
        "category": " / ".join(categories),
        "default_code": " ".join(codes[:1]),
        "barcode": " ".join(barcodes[:1]),
        "price": price,
        "currency": currency,
        "uom": "",
        "weight": 0.0,
        "volume": 0.0,
        "available": 1.0,
        "in_stock": True,
        "sale_text": " ".join(texts),
        "attributes": attributes,
        "tags": list(_texts(product.get("tags"))),
        "variants": [
            {"id": number, "name": name, "default_code": "", "barcode": barcode}
            for barcode in barcodes[1:]
        ],
        "ai_text": "",
        "image_url": "",
        "write_date": "",
    }


def _attributes(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in given.items():
        name = key.replace("_", " ").strip()
        if value is True:
            yield {"name": name, "values": [""]}
        elif values := list(_texts(value)):
            yield {"name": name, "values": values}


def _listed(given: list[Any]) -> Iterator[dict[str, Any]]:
    """Attributes of a list: of {"name", "value"} or {"name", "values"}, or of texts."""
    for one in given:
        if isinstance(one, dict) and "name" in one:
            values = list(_texts(one.get("values", one.get("value"))))
            yield {"name": str(one["name"]), "values": values}
        elif values := list(_texts(one)):
            yield {"name": "", "values": values}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        yield f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            for text in _texts(one):
                yield f"{key} {text}"


def _price(value: object, key: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    if not math.isfinite(number):
        return 0.0
    return number / 100 if key.endswith("_cents") else number
