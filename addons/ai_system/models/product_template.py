from collections import defaultdict

from odoo import fields, models
from odoo.tools import html2plaintext


class ProductTemplate(models.Model):
    _inherit = "product.template"

    # Internal notes are for employees. The AI's integration user reads products without being one.
    description = fields.Html(groups="base.group_user")

    def _ai_facts(self, tenant):
        """Return the facts (docs/contracts.md) of these products for `tenant`, in their order.

        Read with the rights of the caller; self carries the language and the tenant's company.
        """
        # Lists of records, not recordsets: filtering one would lose the shared prefetching.
        variants = defaultdict(list)
        for variant in self.product_variant_ids:
            if variant.active or not variant.product_tmpl_id.active:
                variants[variant.product_tmpl_id.id].append(variant)
        quantities = self._ai_free_quantities()
        texts = self._ai_texts(tenant)
        base_url = tenant.get_base_url()  # what a customer may open, not the sidecar's door
        return [
            product._ai_fact(
                tenant,
                [variant._ai_variant_fact(tenant, quantities) for variant in variants[product.id]],
                texts.get(product.id, ""),
                base_url,
            )
            for product in self
        ]

    def _ai_fact(self, tenant, variants, text, base_url):
        self.ensure_one()
        tracked = self.type == "consu" and self.is_storable
        available = sum(variant["available"] for variant in variants)
        return {
            "id": self.id,
            "name": self.name,
            # What is not for sale has no place in answers either.
            "active": self.active and self.sale_ok,
            "type": self.type,
            "is_storable": self.is_storable,
            "category": self.categ_id.complete_name or "",
            "default_code": self.default_code or "",
            "barcode": self.barcode or "",
            "price": self._ai_price(self.list_price, tenant),
            "currency": tenant.company_id.currency_id.name,
            "uom": self.uom_id.name or "",
            "weight": self.weight,
            "volume": self.volume,
            "available": available,
            "in_stock": available > 0 if tracked else True,
            "sale_text": self.description_sale or "",
            "attributes": [
                {"name": line.attribute_id.name, "values": line.value_ids.mapped("name")}
                for line in self.attribute_line_ids
            ],
            "tags": self.product_tag_ids.mapped("name"),
            "variants": variants,
            "ai_text": text,
            "image_url": f"{base_url}/web/image/product.template/{self.id}/image_1920",
            "write_date": fields.Datetime.to_string(self.write_date),
        }

    def _ai_free_quantities(self):
        """Return {variant id: on hand minus reserved} in the company of the context."""
        # Sudo: saves the integration user from reading quants, moves and locations; the variants
        # are those the caller can see, the warehouses those of the one allowed company.
        variants = self.product_variant_ids.sudo()
        return {variant.id: variant.free_qty for variant in variants}

    def _ai_price(self, amount, tenant):
        """Return `amount` of this product's currency in the currency of the tenant's company.

        Everything that the AI tells or quotes goes through it: an addon that keeps an AI price
        for the product returns that one.
        """
        company = tenant.company_id
        if self.currency_id == company.currency_id:
            return amount
        # Sudo: rates are not the integration user's to read.
        currency = self.currency_id.sudo()
        return currency._convert(
            amount, company.currency_id, company, fields.Date.context_today(self)
        )

    def _ai_texts(self, tenant):
        """Return {product id: plain AI text}; addons that hold such texts fill it."""
        return {}

    @staticmethod
    def _ai_plain(html):
        """Return `html` as plain text without the link footnotes of Odoo's converter."""
        return html2plaintext(html or "", include_references=False).strip()


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _ai_variant_fact(self, tenant, quantities):
        """Return this variant's part of the facts. quantities: {variant id: free quantity}."""
        self.ensure_one()
        template = self.product_tmpl_id
        return {
            "id": self.id,
            "name": self._ai_name(),
            "default_code": self.default_code or "",
            "barcode": self.barcode or "",
            "price": template._ai_price(self.lst_price, tenant),
            "available": quantities.get(self.id, 0.0),
        }

    def _ai_name(self):
        """Return the product's name with the values that tell this variant from the others."""
        self.ensure_one()
        name = self.product_tmpl_id.name
        values = ", ".join(
            value.name
            for value in self.product_template_attribute_value_ids
            # As in Odoo's own names: what every variant has does not tell them apart.
            if len(value.attribute_line_id.value_ids) > 1
        )
        return f"{name} ({values})" if values else name
