from odoo.fields import Command

from .. import catalog
from .records import Records, picture, translate


def load_taxonomy(records: Records, shop):
    """Create categories, attributes, values and tags; return them by external name."""
    return {
        **_load_categories(records, shop),
        **_load_attributes(records, shop),
        **_load_tags(records, shop),
    }


def load_products(records: Records, shop, place, taxonomy):
    """Create the shop's products, name and stock their variants.

    Returns {(product key, frozenset of value keys): product.product}.
    """
    key = shop["key"]
    names = {f"{key}_product_{data['key']}": data for data in shop["product"]}
    templates, new = records.ensure(
        records.env["product.template"].with_company(place.company),
        {name: _template_values(key, data, place, taxonomy) for name, data in names.items()},
    )
    for name in new:
        data = names[name]
        translate(
            templates[name], place.language, {"name": data["name"], "description_sale": _text(data)}
        )
        # After the variants: with a picture at birth each of them computes its sizes again.
        templates[name].image_1920 = "image" in data and picture(f"{key}/{data['image']}")
        _set_price_extras(key, templates[name], data, taxonomy)
        name_variants(records, key, templates[name], data, taxonomy)
    variants = _variants(records, shop)
    apply_stock(
        place.warehouse,
        {
            variants[data["key"], frozenset(variant["values"])]: variant["stock"]
            for name, data in names.items()
            for variant in data["variants"]
            if name in new and variant.get("stock")
        },
    )
    return variants


def name_variants(records: Records, key, template, data, taxonomy):
    """Give the template's variants their costs and weights, codes, barcodes and external ids."""
    by_values = {
        frozenset(variant.product_template_attribute_value_ids.product_attribute_value_id.ids): (
            variant
        )
        for variant in template.product_variant_ids
    }
    # There is no stock to revalue yet, and looking for it takes longer than all the rest.
    template.product_variant_ids.with_context(disable_auto_revaluation=True).write(
        {
            "weight": data.get("weight", 0.0),
            "volume": data.get("volume", 0.0),
            "standard_price": data.get("cost", 0.0),
        }
    )
    named = {}
    for variant_data in data["variants"]:
        ids = frozenset(
            taxonomy[f"{key}_value_{_full(data, v)}"].id for v in variant_data["values"]
        )
        variant = by_values[ids]
        variant.write(
            {
                "default_code": variant_data.get("code", False),
                "barcode": variant_data.get("barcode", False),
            }
        )
        name = catalog.variant_name(data["key"], variant_data["values"])
        named[f"{key}_variant_{name}"] = variant
    records.name(named)


def apply_stock(warehouse, quantities):
    """Set the quantity on hand in the warehouse: {product.product: units}."""
    Quant = warehouse.env["stock.quant"].with_company(warehouse.company_id)
    quants = Quant.with_context(inventory_mode=True).create(
        [
            {
                "product_id": variant.id,
                "location_id": warehouse.lot_stock_id.id,
                "inventory_quantity": quantity,
            }
            for variant, quantity in quantities.items()
        ]
    )
    if quants:
        quants._apply_inventory()


def _load_categories(records, shop):
    env, key, found = records.env, shop["key"], {}
    # Parents stand before their children in the file; a level at a time keeps the batches big.
    pending = list(shop["category"])
    while pending:
        ready = [c for c in pending if "parent" not in c or _category(key, c["parent"]) in found]
        records_of_level, _new = records.ensure(
            env["product.category"],
            {
                _category(key, data["key"]): {
                    "name": data["name"],
                    "parent_id": "parent" in data and found[_category(key, data["parent"])].id,
                }
                for data in ready
            },
        )
        found.update(records_of_level)
        pending = [c for c in pending if c not in ready]
    return found


def _category(key, name):
    return f"{key}_category_{name}"


def _load_attributes(records, shop):
    env, key, language = records.env, shop["key"], shop["company"]["language"]
    names = {f"{key}_attribute_{data['key']}": data for data in shop["attribute"]}
    attributes, new = records.ensure(
        env["product.attribute"],
        {
            name: {"name": _english(data), "display_type": data["display_type"]}
            for name, data in names.items()
        },
    )
    value_names = {
        f"{key}_value_{attribute['key']}_{value['key']}": (name, value)
        for name, attribute in names.items()
        for value in attribute["value"]
    }
    values, new_values = records.ensure(
        env["product.attribute.value"],
        {
            value_name: {
                "attribute_id": attributes[name].id,
                "name": _english(value),
                "html_color": value.get("html_color", False),
                "sequence": place,
            }
            for place, (value_name, (name, value)) in enumerate(value_names.items())
        },
    )
    for name in new:
        translate(attributes[name], language, {"name": names[name]["name"]})
    for name in new_values:
        translate(values[name], language, {"name": value_names[name][1]["name"]})
    return {**attributes, **values}


def _load_tags(records, shop):
    names = {f"{shop['key']}_tag_{data['key']}": data for data in shop["tag"]}
    tags, new = records.ensure(
        records.env["product.tag"],
        {name: {"name": _english(d), "color": d["color"]} for name, d in names.items()},
    )
    for name in new:
        translate(tags[name], shop["company"]["language"], {"name": names[name]["name"]})
    return tags


def _template_values(key, data, place, taxonomy):
    category = data.get("category")
    storable = data["type"] == "consu" and not data.get("made_to_order")
    values = {
        "name": _english(data),
        "description_sale": _text(data, english=True),
        "description": data.get("note", False),
        "type": data["type"],
        "is_storable": storable,
        "list_price": data["price"],
        "categ_id": category and taxonomy[_category(key, category)].id,
        "company_id": place.company.id,
        "product_tag_ids": [
            Command.set([taxonomy[f"{key}_tag_{tag}"].id for tag in data.get("tags", ())])
        ],
        "attribute_line_ids": [
            Command.create(
                {
                    "attribute_id": taxonomy[f"{key}_attribute_{line['attribute']}"].id,
                    "value_ids": [
                        Command.set(
                            [
                                taxonomy[f"{key}_value_{line['attribute']}_{value}"].id
                                for value in line["values"]
                            ]
                        )
                    ],
                }
            )
            for line in data["attributes"]
        ],
    }
    if "lead_days" in data:
        values["sale_delay"] = data["lead_days"]
    return values


def _set_price_extras(key, template, data, taxonomy):
    for line in data["attributes"]:
        for value, extra in line.get("extra", {}).items():
            wanted = taxonomy[f"{key}_value_{line['attribute']}_{value}"]
            template.attribute_line_ids.product_template_value_ids.filtered(
                lambda choice, wanted=wanted: choice.product_attribute_value_id == wanted
            ).price_extra = extra


def _variants(records, shop):
    keys = {
        f"{shop['key']}_variant_{catalog.variant_name(data['key'], variant['values'])}": (
            data["key"],
            frozenset(variant["values"]),
        )
        for data in shop["product"]
        for variant in data["variants"]
    }
    found = records.find("product.product", keys)
    return {keys[name]: variant for name, variant in found.items()}


def _full(data, value):
    """Name of a value with its attribute in front: values of two attributes may share a key."""
    attribute = next(line["attribute"] for line in data["attributes"] if value in line["values"])
    return f"{attribute}_{value}"


def _english(data):
    return data.get("name_en", data["name"])


def _text(data, english=False):
    text = data.get("text_en", data.get("text", "")) if english else data.get("text", "")
    return text.strip() or False
