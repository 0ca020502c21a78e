from odoo import api, fields, models

from odoo.addons.ai_system.exceptions import InvalidResult

STATES = [
    ("waiting", "Waiting"),
    ("sent", "Under way"),
    ("done", "Done"),
    ("skipped", "Skipped"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
UNFINISHED = ("waiting", "sent")


class AiProductRunLine(models.Model):
    """What a run does with one product, in one language where it writes."""

    _name = "ai.product.run.line"
    _description = "Line of a Bulk Run"
    _order = "run_id desc, id"
    _rec_name = "product_tmpl_id"
    _log_access = False

    run_id = fields.Many2one("ai.product.run", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    language = fields.Char(readonly=True, required=True, default="")
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    job_id = fields.Many2one("ai.job", readonly=True, ondelete="set null", index="btree_not_null")
    description_id = fields.Many2one(
        "product.ai.description", "Text", readonly=True, ondelete="set null", index="btree_not_null"
    )
    score = fields.Integer(related="description_id.score")
    error_code = fields.Char(readonly=True)
    error_message = fields.Text("Technical Message", readonly=True)
    error_display = fields.Text("Result", compute="_compute_error_display")
    tokens = fields.Integer(readonly=True, aggregator="sum")
    cost = fields.Float(readonly=True, digits=(16, 6))
    currency_id = fields.Many2one(related="company_id.currency_id")
    old_price = fields.Monetary(readonly=True)
    new_price = fields.Monetary(readonly=True)
    mark = fields.Integer(readonly=True, help="The change that a synchronization has to take.")

    _product_unique = models.Constraint(
        "UNIQUE(run_id, product_tmpl_id, language)", "A run does each thing once."
    )
    _state_index = models.Index("(run_id, state, id)")

    @api.depends("state", "error_code", "error_message")
    @api.depends_context("lang")
    def _compute_error_display(self):
        sentences = self._sentences()
        jobs = self.env["ai.job"]
        for line in self:
            code, message = line.error_code, line.error_message or ""
            line.error_display = code and (
                sentences.get(code) or jobs._sentence_of(code, message) or message or code
            )

    @api.model
    def _sentences(self):
        """Return {code: sentence} of what the lines of this addon report themselves."""
        return {
            "filled": self.env._("Has its text already."),
            "same_price": self.env._("The price stays as it is."),
            "below_zero": self.env._("The price would fall to 0 or below; it stays as it is."),
            "no_answer": self.env._("The AI service answered without this text."),
            "out_of_reach": self.env._("The AI does not see this product any more."),
            "decided": self.env._("Somebody decided about this text meanwhile."),
        }

    def action_open_product(self):
        """Open the product of this line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.template",
            "res_id": self.product_tmpl_id.id,
            "views": [(False, "form")],
        }

    def action_review(self):
        """Open the text that was written."""
        self.ensure_one()
        return self.description_id.action_open_review()

    def _end(self, state, code=False, message=False):
        """Note how these lines ended."""
        self.write({"state": state, "error_code": code, "error_message": message})

    def _take_texts(self, job, told, parts):
        """Store what the AI service told of these lines.

        told: {(product id, language): {"result"} or {"error"}}. parts: {(product id, language):
        names of what was asked for, all when None}. As many queries for many lines as for one.
        """
        texts = self.env["product.ai.description"]
        lines, taken = self.browse(), []
        for line in self:
            key = (line.product_tmpl_id.id, line.language)
            one = told.get(key) or {}
            error, result = one.get("error"), one.get("result")
            if isinstance(error, dict):
                message = str(error.get("message") or "")
                line._end("failed", str(error.get("code") or "internal_error"), message)
            elif not isinstance(result, dict) or result.get("language") != line.language:
                line._end("failed", "no_answer")
            else:
                try:
                    taken.append((line.product_tmpl_id, *texts._taken(result, parts.get(key))))
                    lines += line
                except InvalidResult as fault:
                    line._end("failed", "invalid_result", str(fault))
        if not taken:
            return
        lines._end("done")
        created = texts._create_from_values(job, taken)
        for line, text in zip(lines, created, strict=True):
            line.write(
                {
                    "description_id": text.id,
                    "tokens": text.input_tokens + text.output_tokens,
                    "cost": text.cost,
                }
            )


class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    run_line_ids = fields.One2many("ai.product.run.line", "description_id", "Lines of Runs")
