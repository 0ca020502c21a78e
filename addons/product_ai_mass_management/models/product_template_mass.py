"""What people do with the products they have chosen in the mass screen."""

from odoo import fields, models

from .product_template_price import GROUP


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_run_line_ids = fields.One2many(
        "ai.product.run.line", "product_tmpl_id", "Lines of Bulk Runs", groups=GROUP
    )

    def action_ai_generate(self):
        """Ask what is to be written about these products, or about all of a filter."""
        return self._ask_ai_run("generate", self.env._("Generate Texts"))

    def action_ai_synchronize(self):
        """Synchronize these products, and show line by line how it went."""
        run = self.env["ai.product.run"].create({"kind": "sync", "product_ids": self.ids})
        return run.action_start()

    def action_ai_adjust_prices(self):
        """Ask how the AI prices of these products are to change."""
        return self._ask_ai_run("price", self.env._("Adjust Prices for AI"))

    def action_ai_approve(self):
        """Ask from which score on the drafts of these products are approved."""
        return self._ask_ai_run("approve", self.env._("Approve by Score"))

    def action_ai_review(self):
        """Open the drafts of these products, one after the other."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "semantic_product_description.product_ai_description_action"
        )
        drafts = [
            ("product_tmpl_id", "in", self.ids),
            ("company_id", "=", self.env.company.id),
            ("state", "=", "draft"),
        ]
        return {**action, "name": self.env._("Review"), "domain": drafts, "context": {}}

    def _ask_ai_run(self, kind, name):
        """Open the dialog of a new run: over these products, or over the list's filter."""
        values = {"kind": kind, "product_ids": self.ids or False}
        if not self and (shown := self.env.context.get("active_domain")):
            values["domain"] = repr(list(shown))
        run = self.env["ai.product.run"].create(values)
        view = self.env.ref("product_ai_mass_management.ai_product_run_view_form_ask")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": run._name,
            "res_id": run.id,
            "views": [(view.id, "form")],
            "target": "new",
        }
