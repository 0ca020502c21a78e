"""The demo shop's own products as facts, read from its data files; ids count from 1."""

import tomllib
from pathlib import Path
from typing import Any

from tests.facts import product_facts

_FOLDER = Path(__file__).parent.parent / "addons/ai_demo_shops/data/casa_ipe"
_COLORS = {"blue": "azul", "gray": "cinza", "beige": "bege", "brown": "marrom", "white": "branco"}


def demo_products() -> list[dict[str, Any]]:
    """Casa Ipê's catalog in Portuguese."""
    shop = tomllib.loads((_FOLDER / "shop.toml").read_text("utf-8"))
    by_key = {entry["key"]: entry for entry in shop["category"]}
    names = {key: _path(entry, by_key) for key, entry in by_key.items()}
    found: list[dict[str, Any]] = []
    for path in sorted((_FOLDER / "products").glob("*.toml")):
        for product in tomllib.loads(path.read_text("utf-8"))["product"]:
            found.append(_facts(len(found) + 1, product, names))
    return found


def _path(entry: dict[str, Any], by_key: dict[str, Any]) -> str:
    parent = by_key.get(entry.get("parent", ""))
    path = f"{_path(parent, by_key)} / {entry['name']}" if parent else entry["name"]
    return path.replace("Sala de Estar", "Sala")  # as tests/business_rules.py calls it


def _facts(number: int, product: dict[str, Any], categories: dict[str, str]) -> dict[str, Any]:
    storable = product.get("type") != "service"
    stock = float(product.get("stock", sum(v.get("stock", 0) for v in product.get("variants", []))))
    colors = [
        _COLORS.get(value, value)
        for attribute in product.get("attributes", [])
        if attribute["attribute"] == "color"
        for value in attribute["values"]
    ]
    return product_facts(
        id=number,
        name=product["name"],
        type="consu" if storable else "service",
        is_storable=storable,
        category=categories.get(product.get("category", ""), ""),
        default_code=product.get("code", ""),
        price=product["price"],
        weight=product.get("weight", 0.0),
        available=stock if storable else 0.0,
        in_stock=not storable or stock > 0,
        sale_text=product.get("text", ""),
        attributes=[{"name": "Cor", "values": colors}] if colors else [],
        tags=[],
    )
