"""What a company has settled for its product texts: facts, targets and gates."""

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, ValidationError

from ..parts import KINDS, LIMITS

# Facts that a text may use, unless the manager says otherwise.
DEFAULT_SOURCES = ("name", "default_code", "barcode", "weight", "volume", "description_sale")
# Where parts go on approval; fields that are not installed are left out.
DEFAULT_TARGETS = (
    ("short_description", "description_sale"),
    ("description", "description_ecommerce"),
    ("seo_title", "website_meta_title"),
    ("meta_description", "website_meta_description"),
)


class AiStudioSettings(models.Model):
    _name = "ai.studio.settings"
    _description = "Settings of Product Texts"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.company,
    )
    source_ids = fields.One2many("ai.studio.source", "settings_id", "Facts", copy=True)
    target_ids = fields.One2many("ai.studio.target", "settings_id", "Live Fields", copy=True)
    minimum_score = fields.Integer(
        help="Texts with a lower score cannot be approved. 0 lets every score pass."
    )
    search_texts_required = fields.Boolean(
        "Texts for Search Engines Required",
        help="Only texts with a title and a description for search engines, within their limits, "
        "can be approved.",
    )
    tell_image = fields.Boolean(
        "Show the Image to the Writer",
        default=True,
        help="Language models that see images may describe them.",
    )

    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "A company has its settings of product texts already."
    )

    @api.constrains("minimum_score")
    def _check_minimum_score(self):
        if any(not 0 <= settings.minimum_score <= 100 for settings in self):
            raise ValidationError(self.env._("A score is between 0 and 100."))

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        if "source_ids" in names:
            values.setdefault("source_ids", self._default_sources())
        if "target_ids" in names:
            values.setdefault("target_ids", self._default_targets())
        return values

    @api.model
    def _default_sources(self):
        known = dict(self.env["ai.studio.source"]._selection_field_name())
        return [
            fields.Command.create({"field_name": name}) for name in DEFAULT_SOURCES if name in known
        ]

    @api.model
    def _default_targets(self):
        known = dict(self.env["ai.studio.target"]._selection_field_name())
        return [
            fields.Command.create({"part": part, "field_name": name})
            for part, name in DEFAULT_TARGETS
            if name in known
        ]

    @api.model
    def action_open(self):
        """Open the settings of the current company, made with sane values when needed."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settings of Product Texts"),
            "res_model": self._name,
            "res_id": self._of(self.env.company).id,
            "views": [(False, "form")],
        }

    @api.model
    def _of(self, company):
        """Return (sudo) the settings of `company`, made with sane values when there are none."""
        # Sudo: what a text is made of is settled by managers, and used for everybody.
        records = self.sudo()
        # By the company's field: read once in a transaction, however many texts ask.
        if found := company.sudo().ai_studio_settings_ids:
            return records.browse(found.ids)
        values = {
            "company_id": company.id,
            "source_ids": self._default_sources(),
            "target_ids": self._default_targets(),
        }
        try:
            with self.env.cr.savepoint():
                return records.create(values)
        except UniqueViolation as error:
            # Another request made them at this moment; Odoo runs this one again, and it sees them.
            raise ConcurrencyError("The settings are made by another request.") from error

    def _obstacles(self, text):
        """Return why the gates do not let a version (`text`) pass: a list of sentences."""
        self.ensure_one()
        obstacles = []
        if text.score < self.minimum_score:
            obstacles.append(
                self.env._(
                    "Its score is %(score)s; %(minimum)s is the least. Improve what costs points.",
                    score=text.score,
                    minimum=self.minimum_score,
                )
            )
        if self.search_texts_required:
            labels = text._part_labels()
            for part in ("seo_title", "meta_description"):
                value = (text[part] or "").strip()
                rejected = (text.decisions or {}).get(part) == "rejected"
                if rejected or not value or len(value) > LIMITS[part]:
                    obstacles.append(
                        self.env._(
                            "“%(part)s” must have 1 to %(limit)s characters.",
                            part=labels[part],
                            limit=LIMITS[part],
                        )
                    )
        return obstacles


class AiStudioSource(models.Model):
    """A field of the product whose value is a fact that texts may use."""

    _name = "ai.studio.source"
    _description = "Fact of Product Texts"
    _order = "settings_id, sequence, id"
    _rec_name = "field_name"

    settings_id = fields.Many2one("ai.studio.settings", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="settings_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    field_name = fields.Selection("_selection_field_name", "Field", required=True)

    _field_unique = models.Constraint(
        "UNIQUE(settings_id, field_name)", "This field is a fact already."
    )

    @api.constrains("field_name")
    def _check_field_name(self):
        """Odoo does not check the values of a computed choice."""
        products = self.env["product.template"]
        if not all(products._ai_may_tell(source.field_name) for source in self):
            raise ValidationError(self.env._("This field is never told."))

    @api.model
    def _selection_field_name(self):
        return self.env["product.template"]._ai_field_labels("source")


class AiStudioTarget(models.Model):
    """Where a part of the text goes when it is approved."""

    _name = "ai.studio.target"
    _description = "Live Field of a Part"
    _order = "settings_id, id"
    _rec_name = "field_name"

    settings_id = fields.Many2one("ai.studio.settings", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="settings_id.company_id", store=True, index=True)
    part = fields.Selection("_selection_part", required=True)
    field_name = fields.Selection("_selection_field_name", "Field", required=True)

    _field_unique = models.Constraint(
        "UNIQUE(settings_id, field_name)", "This field takes another part already."
    )

    @api.constrains("field_name", "part")
    def _check_field_name(self):
        """Odoo does not check the values of a computed choice."""
        products = self.env["product.template"]
        if not all(
            products._ai_may_fill(target.field_name) and target.part in KINDS for target in self
        ):
            raise ValidationError(self.env._("This field takes no text of the AI."))

    @api.model
    def _selection_part(self):
        labels = self.env["product.ai.description"]._part_labels()
        return [(part, labels[part]) for part in KINDS]

    @api.model
    def _selection_field_name(self):
        return self.env["product.template"]._ai_field_labels("target")
