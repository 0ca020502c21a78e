from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import is_html_empty

from odoo.addons.ai_system.exceptions import InvalidResult

STATES = [("draft", "Draft"), ("approved", "Approved"), ("rejected", "Rejected")]
WRITERS = [
    ("llm", "Language model"),
    ("extractive", "Composed from product data"),
    ("person", "Person"),
]
LISTS = ("key_features", "use_cases", "tags")
MAX_TEXT = 100_000  # characters of one text
MAX_ITEMS = 100  # lines of one list
CONTENT = frozenset({"short_description", "description", *LISTS})
APPROVAL = frozenset({"state", "approved_by_id", "approved_on"})


class ProductAiDescription(models.Model):
    _name = "product.ai.description"
    _description = "AI Description of a Product"
    _order = "product_tmpl_id, language, version desc"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    language = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(), required=True, readonly=True
    )
    version = fields.Integer(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="draft")
    short_description = fields.Text()
    description = fields.Html(sanitize=True, sanitize_attributes=True, strip_style=True)
    key_features = fields.Text(help="One per line.")
    use_cases = fields.Text(help="One per line.")
    tags = fields.Text(help="One per line.")
    edited = fields.Boolean("Edited by a person", readonly=True)
    writer = fields.Selection(WRITERS, readonly=True, required=True, default="person")
    model = fields.Char("Language Model", readonly=True)
    prompt_version = fields.Char(readonly=True)
    input_tokens = fields.Integer(readonly=True)
    output_tokens = fields.Integer(readonly=True)
    job_id = fields.Many2one("ai.job", readonly=True, ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", "Requested by", readonly=True)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True)
    approved_on = fields.Datetime(readonly=True)

    _version_unique = models.Constraint(
        "UNIQUE(product_tmpl_id, company_id, language, version)",
        "This version of the description exists already.",
    )

    @api.depends("product_tmpl_id", "version")
    def _compute_display_name(self):
        for text in self:
            text.display_name = self.env._(
                "%(product)s – version %(version)s",
                product=text.product_tmpl_id.display_name or "",
                version=text.version,
            )

    def write(self, vals):
        if not self.env.su and vals.keys() - CONTENT - APPROVAL:
            raise AccessError(self.env._("Only the text of a description can be edited."))
        if CONTENT & vals.keys():
            if any(text.state != "draft" for text in self):
                raise UserError(
                    self.env._("Only drafts can be edited. Set the version back to draft first.")
                )
            vals = {**vals, "edited": True}
        if "state" in vals:
            # Only approved texts are in the index: one comes, goes, or gives way to another.
            self._note_change()
        return super().write(vals)

    def unlink(self):
        self._note_change()
        return super().unlink()

    def _note_change(self):
        """Have the index follow: the AI text of these products changes."""
        self.env["ai.product.sync"]._note_change("product.template", self.product_tmpl_id.ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if any(text.state == "approved" for text in self):
            raise UserError(self.env._("An approved description cannot be deleted."))

    def action_approve(self):
        """Make these drafts the texts in use; versions approved earlier step back to draft."""
        for text in self:
            if text.state == "approved":
                continue
            if is_html_empty(text.description) and not text.short_description:
                raise UserError(self.env._("There is no text to approve."))
            text._siblings().filtered(lambda other: other.state == "approved").write(
                {"state": "draft", "approved_by_id": False, "approved_on": False}
            )
            text.write(
                {
                    "state": "approved",
                    "approved_by_id": self.env.uid,
                    "approved_on": fields.Datetime.now(),
                }
            )
        return True

    def action_reject(self):
        """Put drafts aside: they are neither shown nor used."""
        self._set_state("rejected")
        return True

    def action_reset(self):
        """Set versions back to draft, so that they can be edited."""
        self._set_state("draft")
        return True

    def _set_state(self, state):
        self.write({"state": state, "approved_by_id": False, "approved_on": False})

    def _siblings(self):
        """Return the other versions of the same product, company and language."""
        self.ensure_one()
        return self.search(
            [
                ("product_tmpl_id", "=", self.product_tmpl_id.id),
                ("company_id", "=", self.company_id.id),
                ("language", "=", self.language),
                ("id", "!=", self.id),
            ]
        )

    @api.model
    def _create_from_result(self, job, product, result):
        """Create the next version from a result of docs/contracts.md. Raises InvalidResult."""
        vals = self._result_values(result)
        newest = self.search(
            [
                ("product_tmpl_id", "=", product.id),
                ("company_id", "=", job.company_id.id),
                ("language", "=", result["language"]),
            ],
            order="version desc",
            limit=1,
        )
        return self.create(
            {
                **vals,
                "product_tmpl_id": product.id,
                "company_id": job.company_id.id,
                "language": result["language"],
                "version": newest.version + 1,
                "job_id": job.id,
                "user_id": job.user_id.id,
            }
        )

    @api.model
    def _result_values(self, result):
        """Return the field values of a result whose shape and sizes are right."""
        vals = {}
        for name in ("short_description", "description", "model", "prompt_version"):
            value = result.get(name)
            if not isinstance(value, str) or len(value) > MAX_TEXT:
                raise InvalidResult(f"{name} is not a text of at most {MAX_TEXT} characters")
            vals[name] = value
        for name in LISTS:
            items = result.get(name)
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                raise InvalidResult(f"{name} is not a list of texts")
            lines = [" ".join(item.split()) for item in items[:MAX_ITEMS]]
            vals[name] = "\n".join(line for line in lines if line)
        for name in ("input_tokens", "output_tokens"):
            value = result.get(name)
            if type(value) is not int or not 0 <= value < 2**31:
                raise InvalidResult(f"{name} is not a count")
            vals[name] = value
        if result.get("writer") not in ("llm", "extractive"):
            raise InvalidResult("writer is unknown")
        vals["writer"] = result["writer"]
        if not vals["short_description"].strip() and is_html_empty(vals["description"]):
            raise InvalidResult("the text is empty")
        return vals

    def _plain_text(self):
        """Return the whole text as plain text, for the search of the AI service."""
        self.ensure_one()
        plain = self.env["product.template"]._ai_plain(self.description)
        parts = (self.short_description, plain, self.key_features, self.use_cases, self.tags)
        return "\n".join(part.strip() for part in parts if part and part.strip())
