"""Products and categories that rules are limited to: a rule must not lose what it is about."""

from odoo import api, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            self.env["ai.business.rule"]._about("product_ids", self)._content_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_business_rules(self):
        self.env["ai.business.rule"]._check_not_about("product_ids", self)


class ProductCategory(models.Model):
    _inherit = "product.category"

    def write(self, vals):
        result = super().write(vals)
        if {"name", "parent_id"} & vals.keys():
            self.env["ai.business.rule"]._about("category_ids", self)._content_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_business_rules(self):
        self.env["ai.business.rule"]._check_not_about("category_ids", self)
