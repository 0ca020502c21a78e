from .products import apply_stock
from .records import Records


def load_shared(records: Records, shared, warehouses):
    """Create the products and partners without a company, the products in stock everywhere.

    They are a trap: Odoo's record rules show them to every company, a tenant must not.
    """
    env = records.env
    names = {f"shared_product_{data['key']}": data for data in shared["product"]}
    templates, new = records.ensure(
        env["product.template"],
        {
            name: {
                "name": data["name"],
                "type": data["type"],
                "is_storable": data["type"] == "consu",
                "list_price": data["price"],
                "description_sale": data["text"],
                "company_id": False,
            }
            for name, data in names.items()
        },
    )
    stocked = {}
    for name in new:
        data, variant = names[name]["variants"][0], templates[name].product_variant_id
        variant.default_code = data["code"]
        if "stock" in data:
            stocked[variant] = data["stock"]
    for warehouse in warehouses:
        apply_stock(warehouse, stocked)
    records.ensure(
        env["res.partner"],
        {
            f"shared_partner_{data['key']}": {
                "name": data["name"],
                "phone": data["phone"],
                "email": data["email"],
                "company_id": False,
            }
            for data in shared["partner"]
        },
    )
