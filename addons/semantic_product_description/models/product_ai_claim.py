"""What a text says, piece by piece, and what each piece stands on."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..parts import CLAIM_KINDS, KINDS
from ..word_diff import spans_of

MANAGER = "ai_system.ai_system_group_manager"
KIND_LABELS = [
    ("number", "Number"),
    ("size", "Size"),
    ("material", "Material"),
    ("certification", "Certification"),
    ("compatibility", "Compatibility"),
    ("warranty", "Warranty"),
    ("other", "Other"),
]
GIVEN_UP = ("rejected", "kept")  # decisions: what was proposed is not what stands there
STATES = [
    ("supported", "Has a source"),
    ("open", "Without a source"),
    ("confirmed", "Confirmed"),
    ("removed", "Removed"),
]
assert tuple(kind for kind, _label in KIND_LABELS) == CLAIM_KINDS


class ProductAiClaim(models.Model):
    _name = "product.ai.claim"
    _description = "Claim of an AI Description"
    _order = "description_id, id"
    _rec_name = "text"

    description_id = fields.Many2one(
        "product.ai.description", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="description_id.company_id", store=True, index=True)
    part = fields.Selection("_selection_part", required=True, readonly=True)
    text = fields.Text(required=True, readonly=True)
    kind = fields.Selection(KIND_LABELS, required=True, readonly=True)
    source = fields.Char("Reference of the Source", readonly=True)
    source_label = fields.Char(
        "Source", compute="_compute_source_label", help="The fact that the claim stands on."
    )
    supported = fields.Boolean(readonly=True)
    anchored = fields.Boolean(readonly=True, help="The text has these very words.")
    confirmed_by_id = fields.Many2one("res.users", "Confirmed by", readonly=True)
    confirmed_on = fields.Datetime(readonly=True)
    confirmed_source = fields.Char(readonly=True, help="What the person who confirmed relies on.")
    state = fields.Selection(STATES, compute="_compute_state", store=True)

    @api.model
    def _selection_part(self):
        labels = self.env["product.ai.description"]._part_labels()
        return [(part, labels[part]) for part in KINDS]

    @api.depends(
        "supported", "confirmed_by_id", "description_id.decisions",
        *(f"description_id.{part}" for part in KINDS)
    )  # fmt: skip
    def _compute_state(self):
        for claim in self:
            claim.state = claim._state_now()

    @api.depends("source", "state", "confirmed_source")
    @api.depends_context("lang")
    def _compute_source_label(self):
        for claim in self:
            claim.source_label = claim._source_label()

    def _state_now(self):
        self.ensure_one()
        text = self.description_id
        if (text.decisions or {}).get(self.part) in GIVEN_UP or not text[self.part]:
            return "removed"
        if self.anchored and not spans_of(text._plain_part(self.part), [self.text]):
            return "removed"
        if self.confirmed_by_id:
            return "confirmed"
        return "supported" if self.supported else "open"

    def confirm(self, source):
        """Vouch for claims without a source; `source` says what for. Managers only."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only AI administrators confirm claims. Remove the words instead.")
            )
        self.check_access("read")
        source = " ".join((source or "").split())
        if not source:
            raise UserError(self.env._("Say what the claim stands on, such as “data sheet, p. 2”."))
        if any(claim.state != "open" for claim in self):
            raise UserError(self.env._("Only claims without a source can be confirmed."))
        # Sudo: claims are written by nobody's hand but this one.
        self.sudo().write(
            {
                "confirmed_by_id": self.env.uid,
                "confirmed_on": fields.Datetime.now(),
                "confirmed_source": source[:500],
            }
        )
        self.description_id._rescore()
        return True

    def _source_label(self):
        """Return what a claim stands on in words, such as “Attribute: Color”."""
        self.ensure_one()
        if self.state == "confirmed":
            return self.confirmed_source
        kind, _colon, name = (self.source or "").partition(":")
        if kind == "document" and name.isdecimal():
            # Sudo: only the title is told.
            document = self.env["product.ai.document"].sudo().browse(int(name)).exists()
            return document.name or self.env._("A document that was deleted")
        if kind == "field":
            labels = dict(self.env["product.template"]._ai_field_labels("source"))
            return labels.get(name, name)
        if kind == "image":
            return self.env._("The product's image")
        return name or kind
