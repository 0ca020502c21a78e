from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .. import rule_templates

LANGUAGES = [("en", "English"), ("pt_BR", "Portuguese (Brazil)"), ("es", "Spanish")]


class AiRuleTemplateWizard(models.TransientModel):
    _name = "ai.rule.template.wizard"
    _description = "Start from a Template"

    profile_id = fields.Many2one("ai.company.profile", required=True, readonly=True)
    area = fields.Selection(
        lambda self: self._areas(),
        "Business Area",
        required=True,
        default=lambda self: self._default_area(),
    )
    language = fields.Selection(
        LANGUAGES, required=True, default=lambda self: self._default_language()
    )
    line_ids = fields.One2many(
        "ai.rule.template.line",
        "wizard_id",
        "Rules",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.model
    def _areas(self):
        labels = {
            "restaurant": self.env._("Restaurant"),
            "ecommerce": self.env._("E-commerce"),
            "clinic": self.env._("Clinic"),
            "cosmetics": self.env._("Cosmetics"),
            "furniture": self.env._("Furniture"),
        }
        return [(area, labels[area]) for area in rule_templates.AREAS]

    @api.model
    def _context_profile(self):
        return self.env["ai.company.profile"].browse(self.env.context.get("default_profile_id"))

    @api.model
    def _default_area(self):
        return rule_templates.area_for(self._context_profile().business_area)

    @api.model
    def _default_language(self):
        return rule_templates.language_for(self._context_profile().language)

    @api.depends("area", "language")
    def _compute_line_ids(self):
        for wizard in self:
            lines = []
            if wizard.area and wizard.language:
                taken = wizard._taken()
                lines = [
                    Command.create(
                        {
                            "key": template["key"],
                            "name": template["name"],
                            "text": wizard._shown_text(template),
                            "kind": template["kind"],
                            "chosen": template["key"] not in taken,
                            "taken": template["key"] in taken,
                        }
                    )
                    for template in rule_templates.read(wizard.area, wizard.language)
                ]
            wizard.line_ids = [Command.clear(), *lines]

    def _shown_text(self, template):
        """Return what a rule made from `template` would say."""
        if template["model"] == "scheduling":
            return template["values"].get("confirmation_text", "")
        ways = self.env["ai.payment.method"].search([("code", "in", template["payment_methods"])])
        rule = self.env["ai.business.rule"].new(
            {
                **template["values"],
                "kind": template["kind"],
                "profile_id": self.profile_id._origin.id,
                "payment_method_ids": [Command.set(ways.ids)],
            }
        )
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        language = next((c for c in codes if c.startswith(self.language)), None)
        return " ".join(filter(None, (rule._sentence(language), template["text"])))

    def _taken(self):
        """Return the keys of the templates that the company has used already."""
        rules = self.profile_id._origin.with_context(active_test=False).rule_ids
        scheduling = self.profile_id._origin.with_context(active_test=False).scheduling_ids
        return set(rules.mapped("template_key")) | set(scheduling.mapped("template_key"))

    def action_add(self):
        """Add the chosen rules as drafts (services as not available) and go back."""
        self.ensure_one()
        chosen = set(self.line_ids.filtered(lambda line: line.chosen).mapped("key"))
        if not chosen:
            raise UserError(self.env._("Choose at least one rule."))
        methods = {method.code: method.id for method in self.env["ai.payment.method"].search([])}
        for template in rule_templates.read(self.area, self.language):
            if template["key"] not in chosen:
                continue
            values = {
                **template["values"],
                "name": template["name"],
                "text": template["text"] or False,
                "profile_id": self.profile_id.id,
                "template_key": template["key"],
            }
            if template["model"] == "scheduling":
                self.env["ai.scheduling.rule"].create({**values, "available": False})
                continue
            ways = [methods[code] for code in template["payment_methods"]]
            self.env["ai.business.rule"].create(
                {
                    **values,
                    "kind": template["kind"],
                    "stage": "draft",
                    "payment_method_ids": [Command.set(ways)],
                }
            )
        return {"type": "ir.actions.act_window_close"}


class AiRuleTemplateLine(models.TransientModel):
    _name = "ai.rule.template.line"
    _description = "Rule of a Template"

    wizard_id = fields.Many2one("ai.rule.template.wizard", required=True, ondelete="cascade")
    key = fields.Char(required=True, readonly=True)
    chosen = fields.Boolean(default=True)
    taken = fields.Boolean("Already Added", readonly=True)
    name = fields.Char(readonly=True)
    kind = fields.Selection(
        lambda self: [
            *self.env["ai.business.rule"]._fields["kind"]._description_selection(self.env),
            ("scheduling", self.env._("Scheduling")),
        ],
        readonly=True,
    )
    text = fields.Text(readonly=True)
