from odoo import api, fields, models


class AiMissingAnswers(models.TransientModel):
    """The questions about a product that its texts cannot do without."""

    _name = "ai.missing.answers"
    _description = "Missing Facts of a Product"

    product_tmpl_id = fields.Many2one("product.template", "Product", required=True, readonly=True)
    line_ids = fields.One2many("ai.missing.answer", "wizard_id", "Questions")

    @api.model
    def _open(self, product):
        """Open the questions about `product` that are missing or were answered before."""
        company = self.env.company
        answers = self.env["product.ai.answer"]._of(product, company)
        asked = product._ai_missing_facts(company)
        given = [(fact, value) for fact, value in answers.values()]
        wizard = self.create(
            {
                "product_tmpl_id": product.id,
                "line_ids": [
                    fields.Command.create({"fact_id": fact.id, "value": value})
                    for fact, value in [*((fact, False) for fact in asked), *given]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Missing Facts"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "large"},
        }

    def action_save(self):
        """Keep the answers: from now on writers are told them. An emptied one is forgotten."""
        self.ensure_one()
        self._save()
        return {"type": "ir.actions.act_window_close"}

    def action_save_and_generate(self):
        """Keep the answers and have a new version written."""
        self.ensure_one()
        self._save()
        self.product_tmpl_id._queue_generation()
        return {"type": "ir.actions.act_window_close"}

    def _save(self):
        product, answers = self.product_tmpl_id, self.env["product.ai.answer"]
        product.check_access("read")
        known = {
            answer.fact_id.id: answer
            for answer in answers.search([("product_tmpl_id", "=", product.id)])
        }
        for line in self.line_ids:
            value, answer = (line.value or "").strip(), known.get(line.fact_id.id)
            if answer and value:
                answer.value = value
            elif answer:
                answer.unlink()
            elif value:
                answers.create(
                    {"product_tmpl_id": product.id, "fact_id": line.fact_id.id, "value": value}
                )


class AiMissingAnswer(models.TransientModel):
    _name = "ai.missing.answer"
    _description = "Question about a Product"

    wizard_id = fields.Many2one("ai.missing.answers", required=True, ondelete="cascade")
    fact_id = fields.Many2one("ai.required.fact", required=True, ondelete="cascade")
    question = fields.Char(related="fact_id.question")
    value = fields.Text("Answer")
