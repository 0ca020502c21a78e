"""The text of a product as the current company's tenant shows it: the newest that counts."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .product_ai_description import CONTENT, STATES, WRITERS

GROUP = "ai_system.ai_system_group_user"
SHOWN = sorted(CONTENT)
LIVE = "approved"
COUNTED = ("draft", "approved")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_description_ids = fields.One2many(
        "product.ai.description", "product_tmpl_id", "AI Descriptions", groups=GROUP
    )
    # Shown by company: what the tenant of the current company has.
    ai_description_id = fields.Many2one(
        "product.ai.description",
        "Shown AI Description",
        compute="_compute_ai_description",
        groups=GROUP,
    )
    # Computed, not related: what depends on a computed link cannot be found again by Odoo when the
    # link's target changes.
    ai_short_description = fields.Text(
        "AI Summary", compute="_compute_ai_description", groups=GROUP
    )
    ai_description_html = fields.Html(
        "AI Description", compute="_compute_ai_description", groups=GROUP
    )
    ai_key_features = fields.Text(
        "AI Key Features", compute="_compute_ai_description", groups=GROUP
    )
    ai_use_cases = fields.Text("AI Use Cases", compute="_compute_ai_description", groups=GROUP)
    ai_tags = fields.Text("AI Tags", compute="_compute_ai_description", groups=GROUP)
    ai_seo_title = fields.Char(
        "AI Title for Search Engines", compute="_compute_ai_description", groups=GROUP
    )
    ai_meta_description = fields.Text(
        "AI Description for Search Engines", compute="_compute_ai_description", groups=GROUP
    )
    ai_image_alt = fields.Char("AI Image Text", compute="_compute_ai_description", groups=GROUP)
    ai_writer = fields.Selection(
        WRITERS, "Written by", compute="_compute_ai_description", groups=GROUP
    )
    ai_description_state = fields.Selection(
        STATES,
        "AI Description Status",
        compute="_compute_ai_description",
        search="_search_ai_description_state",
        groups=GROUP,
    )
    ai_score = fields.Integer(
        "AI Score",
        compute="_compute_ai_description",
        search="_search_ai_score",
        groups=GROUP,
    )
    ai_score_text = fields.Text(
        "What Costs Points", compute="_compute_ai_description", groups=GROUP
    )
    ai_open_claims = fields.Integer(
        "AI Claims without a Source", compute="_compute_ai_description", groups=GROUP
    )
    ai_last_update = fields.Datetime(
        "Last AI Text", compute="_compute_ai_description", groups=GROUP
    )
    ai_verified = fields.Boolean(
        "AI Description Verified",
        compute="_compute_ai_description",
        search="_search_ai_verified",
        groups=GROUP,
        help="A person approved a text for this product.",
    )
    ai_needs_update = fields.Boolean(
        "AI Description Needs Update",
        compute="_compute_ai_description",
        search="_search_ai_needs_update",
        groups=GROUP,
        help="A live field was edited by hand after the approval.",
    )

    @api.depends(
        *(
            f"ai_description_ids.{name}"
            for name in ("state", "version", "score", "open_claims", "live_edited", *SHOWN)
        )
    )
    @api.depends_context("company", "lang")
    def _compute_ai_description(self):
        texts = self._ai_descriptions(self._ai_company_tenant())
        # People look at the newest text, even while customers still hear the approved one.
        newest = {text.product_tmpl_id.id: text for text in texts.sorted("version")}
        approved = {t.product_tmpl_id.id: t for t in texts if t.state == LIVE}
        for product in self:
            text = newest.get(product._origin.id, texts.browse())
            live = approved.get(product._origin.id, texts.browse())
            product.ai_description_id = text
            product.ai_short_description = text.short_description
            product.ai_description_html = text.description
            product.ai_key_features = text.key_features
            product.ai_use_cases = text.use_cases
            product.ai_tags = text.tags
            product.ai_seo_title = text.seo_title
            product.ai_meta_description = text.meta_description
            product.ai_image_alt = text.image_alt
            product.ai_writer = text.writer
            product.ai_description_state = text.state
            product.ai_score = text.score
            product.ai_score_text = text.score_text
            product.ai_open_claims = text.open_claims
            product.ai_last_update = text.create_date
            product.ai_verified = bool(live)
            product.ai_needs_update = live.live_edited

    def _search_ai_description_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = set(value)
        domain = self._ai_shown_where(SQL("state = ANY(%s)", list(states - {False})))
        if False in states:
            domain |= ~self._ai_shown_where(SQL("TRUE"))
        return domain

    def _search_ai_score(self, operator, value):
        operators = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
        if operator == "in":
            return self._ai_shown_where(SQL("score = ANY(%s)", [int(v) for v in value]))
        if operator not in operators:
            return NotImplemented
        return self._ai_shown_where(SQL(f"score {operators[operator]} %s", int(value)))

    def _search_ai_verified(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._ai_boolean(value, self._ai_live_where([]))

    def _search_ai_needs_update(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._ai_boolean(value, self._ai_live_where([("live_edited", "=", True)]))

    @api.model
    def _ai_boolean(self, values, domain):
        wanted = {bool(value) for value in values}
        if len(wanted) == 2:
            return Domain.TRUE
        return domain if True in wanted else ~domain

    @api.model
    def _ai_live_where(self, domain):
        tenant = self._ai_company_tenant()
        texts = [
            ("company_id", "=", self.env.company.id),
            ("language", "=", tenant.language or False),
            ("state", "=", LIVE),
            *domain,
        ]
        return Domain("ai_description_ids", "any", texts)

    @api.model
    def _ai_shown_where(self, condition):
        """Return the domain of products whose shown text fulfills `condition` (SQL)."""
        tenant = self._ai_company_tenant()
        self.env["product.ai.description"].flush_model()
        shown = SQL(
            """
            (SELECT product_tmpl_id FROM (
                SELECT DISTINCT ON (product_tmpl_id) product_tmpl_id, state, score
                  FROM product_ai_description
                 WHERE company_id = %s AND language = %s AND state = ANY(%s)
                 ORDER BY product_tmpl_id, version DESC
             ) AS shown WHERE %s)
            """,
            self.env.company.id,
            tenant.language or "",
            list(COUNTED),
            condition,
        )
        return Domain("id", "in", shown)

    def action_approve_ai_description(self):
        """Approve the version that is shown."""
        self.ensure_one()
        return self.ai_description_id.action_approve()

    def action_reject_ai_description(self):
        """Put the version that is shown aside; the one before it comes back."""
        self.ensure_one()
        return self.ai_description_id.action_reject()

    def action_review_ai_description(self):
        """Open the version that is shown, beside what is in use."""
        self.ensure_one()
        return self.ai_description_id.action_open_review()

    def action_adopt_ai_live(self):
        """Take over what was edited by hand in the live fields as the approved text."""
        self.ensure_one()
        texts = self._ai_descriptions(self._ai_company_tenant())
        return texts.filtered(lambda text: text.state == LIVE).action_adopt_live()

    @api.model
    def _ai_company_tenant(self):
        return self.env["ai.tenant"]._for_company(self.env.company)

    def _ai_descriptions(self, tenant):
        """Return the versions of these products that `tenant` shows or uses, in its language."""
        return self.env["product.ai.description"].search(
            [
                ("product_tmpl_id", "in", self.ids),
                ("company_id", "=", tenant.company_id.id),
                ("language", "=", tenant.language),
                ("state", "in", COUNTED),
            ]
        )

    def _ai_texts(self, tenant):
        """Add the approved description of each product: nobody hears what nobody approved."""
        texts = super()._ai_texts(tenant)
        approved = self._ai_descriptions(tenant).filtered(lambda text: text.state == LIVE)
        return {**texts, **{text.product_tmpl_id.id: text._plain_text() for text in approved}}
