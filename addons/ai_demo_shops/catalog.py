"""The shops' data files (TOML under data/), read and checked. No Odoo needed."""

import tomllib
from pathlib import Path

DATA = Path(__file__).parent / "data"
IMAGES = Path(__file__).parent / "static" / "img"

SHOPS = ("casa_ipe", "luma")
ORDER_STATES = ("draft", "sent", "sale", "cancel")
DELIVERIES = ("waiting", "partial", "done")


class CatalogError(ValueError):
    """A data file names something that does not exist, or breaks a rule of the catalog."""


def read_shop(key):
    """Return the shop `key` as one dict.

    Its keys are those of shop.toml (company, warehouse, order_sequence, tenant, team, user,
    category, attribute, tag) plus `customer`, `order` and `product`, each a list of dicts in the
    order of the files. Raises CatalogError when a reference or a barcode is wrong.
    """
    folder = DATA / key
    shop = _read(folder / "shop.toml")
    shop["key"] = key
    shop["customer"] = _read(folder / "customers.toml")["customer"]
    shop["order"] = _read(folder / "orders.toml")["order"]
    shop["product"] = [
        _normalized(product)
        for path in sorted((folder / "products").glob("*.toml"))
        for product in _read(path)["product"]
    ]
    _check_shop(shop)
    return shop


def read_shared():
    """Return the records that belong to no shop: {"product": [...], "partner": [...]}."""
    shared = _read(DATA / "shared.toml")
    shared["product"] = [_normalized(product) for product in shared["product"]]
    return shared


def variant_name(product_key, value_keys):
    """Name of a variant in external ids: the product's key and its values, sorted."""
    return "_".join([product_key, *sorted(value_keys)])


def ean13_is_valid(barcode):
    """True for 13 digits whose last one is the GS1 check digit (weights 1 and 3)."""
    if len(barcode) != 13 or not (barcode.isascii() and barcode.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(barcode))
    return total % 10 == 0


def _read(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _normalized(product):
    """Give a product without attributes its only variant, so that every product has a list."""
    product.setdefault("type", "consu")
    product.setdefault("attributes", [])
    if not product["attributes"]:
        only = {name: product.pop(name) for name in ("code", "barcode", "stock") if name in product}
        product["variants"] = [{"values": [], **only}]
    return product


def _check_shop(shop):
    categories = {category["key"] for category in shop["category"]}
    tags = {tag["key"] for tag in shop["tag"]}
    values = {a["key"]: {v["key"] for v in a["value"]} for a in shop["attribute"]}
    customers = {customer["key"] for customer in shop["customer"]}
    products = {}
    for product in shop["product"]:
        key = product["key"]
        if key in products:
            raise CatalogError(f"{shop['key']}: product {key} is there twice")
        products[key] = {frozenset(variant["values"]) for variant in product["variants"]}
        _check_known(shop, key, {product.get("category")} - {None}, categories)
        _check_known(shop, key, set(product.get("tags", ())), tags)
        for line in product["attributes"]:
            _check_known(shop, key, {line["attribute"]}, values.keys())
            _check_known(shop, key, set(line["values"]), values[line["attribute"]])
            _check_known(shop, key, set(line.get("extra", ())), set(line["values"]))
        for variant in product["variants"]:
            if "barcode" in variant and not ean13_is_valid(variant["barcode"]):
                raise CatalogError(f"{shop['key']}: {key} has a wrong EAN {variant['barcode']}")
    for order in shop["order"]:
        _check_known(shop, order["key"], {order["customer"]}, customers)
        _check_known(shop, order["key"], {order["state"]}, ORDER_STATES)
        if order["state"] == "sale":
            _check_known(shop, order["key"], {order["delivery"]}, DELIVERIES)
        for line in order["lines"]:
            _check_known(shop, order["key"], {line["product"]}, products.keys())
            wanted = {frozenset(line.get("values", ()))}
            _check_known(shop, order["key"], wanted, products[line["product"]])


def _check_known(shop, where, names, known):
    unknown = set(names) - set(known)
    if unknown:
        raise CatalogError(f"{shop['key']}: {where} names unknown {sorted(map(str, unknown))}")
