from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    # Internal notes are for employees. The AI's integration user reads products without being one.
    description = fields.Html(groups="base.group_user")
