from odoo.tests import TransactionCase

from .. import catalog
from ..loader.records import MODULE


class DemoShopsCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shops = {key: catalog.read_shop(key) for key in catalog.SHOPS}

    def ref(self, name):
        """Return the demo record with the external id `name` of this addon."""
        return self.env.ref(f"{MODULE}.{name}")

    def templates(self, key):
        """Return the shop's products, as its company sees them."""
        company = self.ref(f"{key}_company")
        Template = self.env["product.template"].with_context(allowed_company_ids=company.ids)
        return Template.search([("company_id", "=", company.id)])

    def sold(self, shop):
        """Return {variant name: quantity} that the shop's confirmed orders took or reserved."""
        quantities = {}
        for order in shop["order"]:
            if order["state"] != "sale":
                continue
            for line in order["lines"]:
                name = catalog.variant_name(line["product"], line.get("values", ()))
                quantities[name] = quantities.get(name, 0) + line["quantity"]
        return quantities
