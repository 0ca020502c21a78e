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
        quantities = self._ai_free_quantities()
        texts = self._ai_texts(tenant)
        base_url = tenant._odoo_url()
        return [product._ai_fact(tenant, quantities, texts, base_url) for product in self]

    def _ai_fact(self, tenant, quantities, texts, base_url):
        self.ensure_one()
        variants = self.product_variant_ids.filtered("active") or self.product_variant_ids
        tracked = self.type == "consu" and self.is_storable
        available = sum(quantities.get(variant.id, 0.0) for variant in variants)
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
            "variants": [
                {
                    "id": variant.id,
                    "name": variant._ai_name(),
                    "default_code": variant.default_code or "",
                    "barcode": variant.barcode or "",
                    "price": self._ai_price(variant.lst_price, tenant),
                    "available": quantities.get(variant.id, 0.0),
                }
                for variant in variants
            ],
            "ai_text": texts.get(self.id, ""),
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
        """Return `amount` of this product's currency in the currency of the tenant's company."""
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

    def _ai_name(self):
        """Return the name with the values that tell the variant apart, without its code."""
        self.ensure_one()
        values = self.product_template_attribute_value_ids._get_combination_name()
        return f"{self.name} ({values})" if values else self.name
