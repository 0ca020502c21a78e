"""What a customer asks about a product beyond its facts: variants, sizes, what goes with it."""

from collections import defaultdict

from odoo import models
from odoo.fields import Domain

# Attributes whose value tells a size or a warranty, in the languages of the suite.
SIZES = {"dimensions", "measurements", "dimensões", "medidas", "medida"}
WARRANTIES = {"warranty", "garantia"}
MAX_RELATED = 20


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _ai_details(self, tenant):
        """Return the details (docs/tools.md) of these products for `tenant`, in their order."""
        quantities = self._ai_free_quantities()
        alternatives, accessories = self._ai_related(tenant)
        variants = defaultdict(list)
        for variant in self.product_variant_ids:
            variants[variant.product_tmpl_id.id].append(variant)
        return [
            {
                "id": product.id,
                "name": product.name,
                "variants": [
                    variant._ai_variant_detail(tenant, quantities)
                    for variant in variants[product.id]
                ],
                "alternatives": alternatives[product.id],
                "accessories": accessories[product.id],
                "dimensions": product._ai_attribute_text(SIZES),
                "warranty": product._ai_attribute_text(WARRANTIES),
            }
            for product in self
        ]

    def _ai_attribute_text(self, names):
        """Return the value of the one-valued attribute called one of `names`, or ""."""
        self.ensure_one()
        for line in self.attribute_line_ids:
            if (line.attribute_id.name or "").strip().lower() in names and line.value_count == 1:
                return line.value_ids.name
        return ""

    def _ai_related(self, tenant):
        """Return two dicts, {product id: ids}: alternatives and accessories the tenant sells."""
        # Sudo: the links may lead to other companies' products; those are taken out below.
        linked = [
            {product.id: product._ai_linked(names) for product in self.sudo()}
            for names in (
                ("alternative_product_ids",),
                ("accessory_product_ids", "optional_product_ids"),
            )
        ]
        every = {other for links in linked for ids in links.values() for other in ids}
        domain = self.env["ai.facade"]._product_domain(tenant)
        domain &= Domain("id", "in", sorted(every)) & Domain("sale_ok", "=", True)
        sold = set(self.search(domain).ids) if every else set()
        return [
            {
                product_id: [other for other in ids if other in sold][:MAX_RELATED]
                for product_id, ids in links.items()
            }
            for links in linked
        ]

    def _ai_linked(self, names):
        """Return the ids of the products in the fields `names`, where other addons have them."""
        self.ensure_one()
        found = self.browse()
        for name in names:
            if name in self._fields:
                others = self[name]
                found |= others if others._name == self._name else others.product_tmpl_id
        return (found - self).ids


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _ai_variant_detail(self, tenant, quantities):
        """Return this variant as `product_details` tells it."""
        values = self.product_template_attribute_value_ids
        return {
            **self._ai_variant_fact(tenant, quantities),
            "attributes": {value.attribute_id.name: value.name for value in values},
        }
