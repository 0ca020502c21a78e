from odoo import fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ai_rule_id = fields.Many2one(
        "ai.scheduling.rule",
        "Booked Service",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
        help="The service that a customer booked through the AI.",
    )
    ai_customer_id = fields.Many2one(
        "res.partner",
        "Booked for",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
    )
