"""How the desk converses with this tenant's customers (docs/conversations.md)."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ai_channel import MODES

LABEL = re.compile(r"[\w-]{1,100}")
SETTINGS = frozenset(
    {
        "desk_mode",
        "desk_acts_on",
        "desk_returns",
        "menu_enabled",
        "menu_text",
        "handoff_team",
        "handoff_labels",
        "handoff_after_failures",
        "handoff_when_closed",
        "handoff_when_angry",
        "closing_resolve",
        "closing_ask_rating",
        "source_notes",
        "several_messages",
    }
)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiTenant(models.Model):
    _inherit = "ai.tenant"

    desk_mode = fields.Selection(
        MODES,
        "Mode",
        required=True,
        default="answer",
        tracking=True,
        help="As a draft the answer becomes a private note in Chatwoot. A channel may have a mode "
        "of its own.",
    )
    desk_acts_on = fields.Selection(
        [
            ("pending", "Pending conversations"),
            ("unassigned", "Open ones without a person too"),
        ],
        "Answers in",
        required=True,
        default="pending",
        tracking=True,
    )
    desk_returns = fields.Selection(
        [
            ("pending", "When the conversation is set back to pending"),
            ("resolved", "After the conversation was resolved"),
            ("never", "Never in the same conversation"),
        ],
        "After a Person Took Over, It Returns",
        required=True,
        default="pending",
        tracking=True,
    )
    menu_enabled = fields.Boolean("Offer a Menu", tracking=True)
    menu_text = fields.Text(
        "Text above the Menu", help="Empty: the AI service's own words in the customer's language."
    )
    menu_option_ids = fields.One2many("ai.menu.option", "tenant_id", "Menu")
    handoff_team = fields.Integer(
        "Team", help="Number of the team in Chatwoot that takes over. 0: no team in particular."
    )
    handoff_labels = fields.Char(
        "Labels", help="Put on the conversation in Chatwoot, separated by commas."
    )
    handoff_after_failures = fields.Integer(
        "After Failed Answers",
        default=2,
        help="So many in a row, 1 to 10, and a person takes over.",
    )
    handoff_when_closed = fields.Selection(
        [
            ("answer", "Answers as always"),
            ("tell", "Answers and tells when people are back"),
            ("handoff", "Leaves the conversation to people"),
        ],
        "While Closed",
        required=True,
        default="answer",
        tracking=True,
    )
    handoff_when_angry = fields.Boolean("When the Customer Is Angry", default=True)
    closing_resolve = fields.Boolean(
        "Resolve Finished Conversations",
        default=True,
        help="When the customer says goodbye, the conversation is resolved in Chatwoot.",
    )
    closing_ask_rating = fields.Boolean("Ask for a Rating", default=True)
    source_notes = fields.Boolean(
        "Notes with Sources",
        help="A private note after each answer names the rules and products it stands on.",
    )
    several_messages = fields.Boolean(
        "Several Short Messages",
        default=True,
        help="A long answer is sent as two or three messages, as a person would.",
    )

    @api.constrains("menu_enabled", "menu_option_ids")
    def _check_menu(self):
        if any(tenant.menu_enabled and not tenant.menu_option_ids for tenant in self):
            raise ValidationError(self.env._("A menu needs at least one option."))

    @api.constrains("handoff_team", "handoff_after_failures")
    def _check_handoff_numbers(self):
        for tenant in self:
            if tenant.handoff_team < 0 or not 1 <= tenant.handoff_after_failures <= 10:
                raise ValidationError(
                    self.env._(
                        "The number of the team is positive, and a person takes over after 1 to "
                        "10 failed answers."
                    )
                )

    @api.constrains("handoff_labels")
    def _check_handoff_labels(self):
        for tenant in self:
            for label in tenant._handoff_label_list():
                if not LABEL.fullmatch(label):
                    raise ValidationError(
                        self.env._(
                            "“%(label)s” is no label of Chatwoot: use letters, digits, - and _.",
                            label=label,
                        )
                    )

    @api.model
    def _document_fields(self):
        return super()._document_fields() | SETTINGS

    def _handoff_label_list(self):
        self.ensure_one()
        labels = (label.strip() for label in (self.handoff_labels or "").split(","))
        return list(dict.fromkeys(label for label in labels if label))

    def _conversation_document(self):
        # Sudo: whoever causes a sync may not read the menu's lines, which customers see anyway.
        options = self.sudo().menu_option_ids
        return {
            "mode": self.desk_mode,
            "acts_on": self.desk_acts_on,
            "returns": self.desk_returns,
            "menu": {
                "enabled": self.menu_enabled,
                "text": (self.menu_text or "").strip(),
                "options": [option._option_document() for option in options.sorted()],
            },
            "handoff": {
                "team_id": self.handoff_team or None,
                "labels": self._handoff_label_list(),
                "after_failures": self.handoff_after_failures,
                "when_closed": self.handoff_when_closed,
                "when_angry": self.handoff_when_angry,
            },
            "closing": {"resolve": self.closing_resolve, "ask_rating": self.closing_ask_rating},
            "source_notes": self.source_notes,
            "several_messages": self.several_messages,
        }
