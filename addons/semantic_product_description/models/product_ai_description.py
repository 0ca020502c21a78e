"""A version of a product's text: what was written, for whom, by whom, and how it stands."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..html_text import text_of
from ..parts import HTML, KINDS, PARTS

STATES = [
    ("draft", "Draft"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("replaced", "Replaced"),
]
WRITERS = [
    ("llm", "Language model"),
    ("extractive", "Composed from product data"),
    ("person", "Person"),
]
# As feeds for shops and search engines ask: what a model wrote is declared, edited or not.
DECLARED = "trained_algorithmic_media"
DIGITAL_SOURCES = [
    (DECLARED, "Written by a trained model"),
    ("default", "Not written by a trained model"),
]
CONTENT = frozenset(PARTS)


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
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    state = fields.Selection(STATES, required=True, readonly=True, default="draft")
    short_description = fields.Text()
    description = fields.Html(sanitize=True, sanitize_attributes=True, strip_style=True)
    key_features = fields.Text(help="One per line.")
    use_cases = fields.Text(help="One per line.")
    tags = fields.Text(help="One per line.")
    seo_title = fields.Char("Title for Search Engines", help="At most 60 characters.")
    meta_description = fields.Text("Description for Search Engines", help="At most 155 characters.")
    image_alt = fields.Char("Image Text", help="What the image shows, for those who cannot see it.")
    edited = fields.Boolean("Edited by a person", readonly=True)
    decisions = fields.Json(readonly=True, help="What a person decided about each part.")
    proposed = fields.Json(readonly=True, help="The parts as they were written.")
    writer = fields.Selection(WRITERS, readonly=True, required=True, default="person")
    model = fields.Char("Language Model", readonly=True)
    prompt_version = fields.Char(readonly=True)
    input_tokens = fields.Integer(readonly=True)
    output_tokens = fields.Integer(readonly=True)
    cost = fields.Float(readonly=True, digits=(16, 6))
    cost_currency = fields.Char(readonly=True)
    digital_source = fields.Selection(
        DIGITAL_SOURCES, "Digital Source Type", compute="_compute_digital_source", store=True
    )
    job_id = fields.Many2one("ai.job", readonly=True, ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", "Requested by", readonly=True)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True)
    approved_on = fields.Datetime(readonly=True)
    claim_ids = fields.One2many("product.ai.claim", "description_id", "Claims", readonly=True)
    open_claims = fields.Integer(
        "Claims without a Source", compute="_compute_open_claims", store=True, aggregator=None
    )
    missing = fields.Json("Missing Facts", readonly=True)

    _version_unique = models.Constraint(
        "UNIQUE(product_tmpl_id, company_id, language, version)",
        "This version of the description exists already.",
    )
    _approved_unique = models.UniqueIndex(
        "(product_tmpl_id, company_id, language) WHERE state = 'approved'",
        "Another version was approved at the same moment. Look at it, then approve again.",
    )
    # The badges of ten thousand products are looked up by these.
    _standing_index = models.Index("(company_id, language, state, product_tmpl_id, version)")
    _score_index = models.Index("(company_id, state, score)")

    @api.depends("product_tmpl_id", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for text in self:
            text.display_name = self.env._(
                "%(product)s – version %(version)s",
                product=text.product_tmpl_id.display_name or "",
                version=text.version,
            )

    @api.depends("writer", "model")
    def _compute_digital_source(self):
        for text in self:
            # A person's version has a model where it took over what that had written.
            by_model = text.writer == "llm" or (text.writer == "person" and text.model)
            text.digital_source = DECLARED if by_model else "default"

    @api.depends("claim_ids.state")
    def _compute_open_claims(self):
        counts = dict(
            self.env["product.ai.claim"]._read_group(
                [("description_id", "in", self.ids), ("state", "=", "open")],
                ["description_id"],
                ["__count"],
            )
        )
        for text in self:
            text.open_claims = counts.get(text._origin, 0)

    def write(self, vals):
        changed = CONTENT & vals.keys()
        if not self.env.su:
            if vals.keys() - CONTENT:
                raise AccessError(self.env._("Only the text of a description can be edited."))
            if any(text.state != "draft" for text in self):
                raise UserError(
                    self.env._("Only drafts can be edited. Set the version back to draft first.")
                )
        if "state" in vals:
            # Only approved texts are in the index: one comes, goes, or gives way to another.
            self._note_change()
        result = super().write(vals)
        if changed and not self.env.su:
            self._edited_by_hand(changed)
        return result

    def _edited_by_hand(self, parts):
        """Note that a person rewrote `parts`: whoever edits a part has decided it."""
        # Sudo: these are notes about the text, which nobody writes by hand.
        for text in self.sudo():
            decided = dict.fromkeys(parts, "accepted")
            text.write({"edited": True, "decisions": {**(text.decisions or {}), **decided}})
        self._rescore()

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

    def _formers(self):
        """Return {version: the one of its product, company and language that is in use}.

        Never itself; an empty one where there is none. One query for all.
        """
        found = self.search(
            [
                ("product_tmpl_id", "in", self.product_tmpl_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("language", "in", list(set(self.mapped("language")))),
                ("state", "=", "approved"),
            ],
            order="id",
        )
        in_use = {text._place(): text for text in found}
        none = self.browse()
        return {text: in_use.get(text._place(), none) - text for text in self}

    def _place(self):
        """Return what one version at most is in use of: (product id, company id, language)."""
        self.ensure_one()
        return self.product_tmpl_id.id, self.company_id.id, self.language

    @api.model
    def _newest_versions(self, products, companies):
        """Return {(product id, company id, language): the newest version}, by one query."""
        groups = self._read_group(
            [("product_tmpl_id", "in", products.ids), ("company_id", "in", companies.ids)],
            ["product_tmpl_id", "company_id", "language"],
            ["version:max"],
        )
        return {(product.id, company.id, language): version
                for product, company, language, version in groups}  # fmt: skip

    @api.model
    def _part_labels(self):
        """Return {part: label} in the language of the context."""
        return {part: self._fields[part]._description_string(self.env) for part in PARTS}

    def _plain_part(self, part):
        """Return a part as plain text, one line per block or item."""
        self.ensure_one()
        value = self[part] or ""
        return text_of(value) if KINDS[part] == HTML else value.strip()

    def _written_parts(self):
        """Return the names of the parts that have a text, in their order."""
        self.ensure_one()
        return [part for part in PARTS if self._plain_part(part)]

    def _plain_text(self):
        """Return the whole text as plain text, for the search of the AI service."""
        self.ensure_one()
        told = ("short_description", "description", "key_features", "use_cases", "tags")
        return "\n".join(filter(None, (self._plain_part(part) for part in told)))
