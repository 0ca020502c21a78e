from odoo import api, fields, models

WRITERS = [("llm", "Language model"), ("extractive", "From the facts, without a model")]


class ProductAiDescription(models.Model):
    """One version of a product's AI text. The newest approved one is what customers hear."""

    _name = "product.ai.description"
    _description = "AI Product Description"
    _order = "product_tmpl_id, language, version desc"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    language = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(), required=True, readonly=True
    )
    version = fields.Integer(required=True, readonly=True)
    state = fields.Selection(
        [("draft", "Generated"), ("approved", "Verified"), ("rejected", "Rejected")],
        required=True,
        readonly=True,
        default="draft",
    )
    short_description = fields.Char()
    description = fields.Html(sanitize_attributes=True, sanitize_style=True, sanitize_form=True)
    key_features = fields.Text(help="One per line.")
    use_cases = fields.Text(help="One per line.")
    tags = fields.Char(help="Separated by commas.")
    writer = fields.Selection(WRITERS, readonly=True)
    model = fields.Char(readonly=True)
    prompt_version = fields.Char(readonly=True)
    input_tokens = fields.Integer(readonly=True)
    output_tokens = fields.Integer(readonly=True)
    job_id = fields.Many2one("ai.job", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "Requested by", readonly=True)
    approved_by_id = fields.Many2one("res.users", "Verified by", readonly=True)
    approved_at = fields.Datetime("Verified on", readonly=True)

    _version_unique = models.Constraint(
        "UNIQUE(product_tmpl_id, company_id, language, version)",
        "This version of the text exists already.",
    )

    @api.depends("product_tmpl_id", "version", "language")
    def _compute_display_name(self):
        for text in self:
            text.display_name = f"{text.product_tmpl_id.display_name} v{text.version}"

    def action_approve(self):
        """Mark as verified by the current user; it becomes what the AI says of the product."""
        self.check_access("write")
        self.write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
        )
        return True

    def action_reject(self):
        """Keep the version for the record; the AI does not use it."""
        self.check_access("write")
        self.write({"state": "rejected", "approved_by_id": False, "approved_at": False})
        return True

    def _create_version(self, job, product, result):
        """Create the version after the newest one from a validated `result`; return it."""
        # Locks the product's row for its other transactions that add a version.
        product.lock_for_update()
        domain = [
            ("product_tmpl_id", "=", product.id),
            ("company_id", "=", job.company_id.id),
            ("language", "=", result["language"]),
        ]
        newest = self.search(domain, order="version desc", limit=1)
        return self.create(
            {
                "product_tmpl_id": product.id,
                "company_id": job.company_id.id,
                "language": result["language"],
                "version": newest.version + 1,
                "short_description": result["short_description"],
                "description": result["description"],
                "key_features": "\n".join(result["key_features"]),
                "use_cases": "\n".join(result["use_cases"]),
                "tags": ", ".join(result["tags"]),
                "writer": result["writer"] if result["writer"] in dict(WRITERS) else False,
                "model": result["model"],
                "prompt_version": result["prompt_version"],
                "input_tokens": int(result.get("input_tokens") or 0),
                "output_tokens": int(result.get("output_tokens") or 0),
                "job_id": job.id,
                "user_id": job.user_id.id,
            }
        )
