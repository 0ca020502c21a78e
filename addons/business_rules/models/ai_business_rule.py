from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..wall_clock import DAY, minutes_of, wall_time

PERMANENT = [
    ("general", "General"),
    ("product", "Product"),
    ("service", "Service"),
    ("delivery", "Delivery"),
    ("payment", "Payment"),
    ("return", "Return"),
    ("warranty", "Warranty"),
    ("pricing", "Pricing"),
    ("other", "Other"),
]
TEMPORARY = [
    ("promotion", "Promotion"),
    ("discount", "Discount"),
    ("seasonal", "Seasonal"),
    ("event", "Event"),
    ("holiday", "Holiday"),
]
VALIDITIES = [("permanent", "Permanent"), ("temporary", "Temporary")]
PRIORITIES = [("normal", "Normal"), ("important", "Important"), ("critical", "Critical")]
STAGES = [("draft", "Draft"), ("confirmed", "In Use"), ("cancelled", "Cancelled")]
REPLACEABLE = [
    ("delivery", "Delivery"),
    ("payment", "Payment"),
    ("return", "Return"),
    ("warranty", "Warranty"),
]
DISCOUNTS = [("percent", "Percentage"), ("fixed", "Amount")]
DELIVERY_UNITS = [
    ("minutes", "Minutes"),
    ("hours", "Hours"),
    ("days", "Days"),
    ("working_days", "Working days"),
]
DELIVERY_COSTS = [("free", "Free"), ("fixed", "Fixed fee"), ("quoted", "Quoted case by case")]
TEMPORARY_KINDS = frozenset(kind for kind, _label in TEMPORARY)
# What a rule computes with.
FIGURES = (
    "delivery_min",
    "delivery_max",
    "delivery_unit",
    "delivery_cost",
    "delivery_fee",
    "delivery_free_from",
    "delivery_regions",
    "delivery_excluded",
    "payment_method_ids",
    "cash_change",
    "installments_max",
    "installments_free",
    "installment_min",
    "pix_discount",
    "return_days",
    "warranty_months",
    "conditions",
    "discount_kind",
    "discount_percent",
    "discount_amount",
    "coupon",
    "minimum_purchase",
)
TERMS = frozenset(
    [
        "kind",
        "stage",
        "name",
        "text",
        "priority",
        "replaces",
        "date_from",
        "date_to",
        "with_times",
        "time_from",
        "time_to",
        "product_ids",
        "category_ids",
        *FIGURES,
    ]
)


class AiBusinessRule(models.Model):
    _name = "ai.business.rule"
    _description = "Business Rule"
    _inherit = ["mail.thread", "mail.activity.mixin", "ai.synced"]
    _order = "validity, kind, priority_order desc, id"

    _synced_kind = "rule"
    _synced_fields = TERMS

    profile_id = fields.Many2one(
        "ai.company.profile",
        "Company Profile",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env["ai.company.profile"]._of_company(self.env.company),
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="profile_id.currency_id")
    name = fields.Char("Title", required=True, tracking=True)
    kind = fields.Selection(
        [*PERMANENT, *TEMPORARY], required=True, default="general", tracking=True
    )
    validity = fields.Selection(
        VALIDITIES, compute="_compute_validity", store=True, precompute=True
    )
    replaces = fields.Selection(
        REPLACEABLE,
        "Replaces the Rules on",
        tracking=True,
        help="While this temporary rule holds, the permanent rules on that subject do not.",
    )
    subject = fields.Char(compute="_compute_subject")
    priority = fields.Selection(PRIORITIES, required=True, default="normal", tracking=True)
    priority_order = fields.Integer(compute="_compute_priority_order", store=True)
    text = fields.Text(
        "In Your Own Words",
        tracking=True,
        help="What the figures below do not say, as you would tell a customer.",
    )
    stage = fields.Selection(STAGES, required=True, default="confirmed", tracking=True)

    date_from = fields.Date("Valid from", tracking=True)
    date_to = fields.Date("Valid until", tracking=True, help="Including this day.")
    with_times = fields.Boolean("At a Time of Day")
    time_from = fields.Float("From (time)", tracking=True)
    time_to = fields.Float("Until (time)", tracking=True, default=23 + 59 / 60)
    timezone = fields.Selection(related="profile_id.timezone", string="Time Zone")
    notice = fields.Selection(
        [("before", "Ends soon"), ("ended", "Ended")], readonly=True, copy=False
    )

    product_ids = fields.Many2many(
        "product.template",
        string="Products",
        tracking=True,
        ondelete="restrict",
        # A rule for archived products is not one for all.
        context={"active_test": False},
        help="Empty: all products.",
    )
    category_ids = fields.Many2many(
        "product.category",
        string="Categories",
        tracking=True,
        ondelete="restrict",
        help="With all below them.",
    )

    delivery_min = fields.Integer("Delivery Time from", tracking=True)
    delivery_max = fields.Integer("Delivery Time to", tracking=True)
    delivery_unit = fields.Selection(DELIVERY_UNITS, default="working_days", tracking=True)
    delivery_cost = fields.Selection(DELIVERY_COSTS, "Cost", tracking=True)
    delivery_fee = fields.Monetary("Fee", tracking=True)
    delivery_free_from = fields.Monetary("Free from", tracking=True)
    delivery_regions = fields.Char(
        "Regions", tracking=True, help="Separated by commas. Empty: everywhere."
    )
    delivery_excluded = fields.Char("Not Delivered to", tracking=True, help="Separated by commas.")

    payment_method_ids = fields.Many2many("ai.payment.method", string="Ways to Pay", tracking=True)
    cash_change = fields.Boolean("Change is Given for Cash", tracking=True)
    installments_max = fields.Integer("Installments up to", tracking=True)
    installments_free = fields.Integer("Without Interest up to", tracking=True)
    installment_min = fields.Monetary("Smallest Installment", tracking=True)
    pix_discount = fields.Float("PIX Discount (%)", digits=(5, 2), tracking=True)

    return_days = fields.Integer("Return within (days)", tracking=True)
    warranty_months = fields.Integer("Warranty (months)", tracking=True)
    conditions = fields.Text(tracking=True)

    discount_kind = fields.Selection(DISCOUNTS, "Discount", tracking=True)
    discount_percent = fields.Float("Percentage", digits=(5, 2), tracking=True)
    discount_amount = fields.Monetary("Amount off", tracking=True)
    coupon = fields.Char(tracking=True)
    minimum_purchase = fields.Monetary(tracking=True)

    template_key = fields.Char(readonly=True, copy=False, help="Template it was made from.")

    _amounts_positive = models.Constraint(
        """CHECK(delivery_fee >= 0 AND delivery_free_from >= 0 AND installment_min >= 0
                 AND discount_amount >= 0 AND minimum_purchase >= 0 AND delivery_min >= 0
                 AND delivery_max >= 0 AND installments_max >= 0 AND installments_free >= 0
                 AND return_days >= 0 AND warranty_months >= 0)""",
        "Amounts, days and months cannot be negative.",
    )
    _percentages = models.Constraint(
        """CHECK(discount_percent BETWEEN 0 AND 100 AND pix_discount BETWEEN 0 AND 100)""",
        "A percentage lies between 0 and 100.",
    )

    @api.depends("kind")
    def _compute_validity(self):
        for rule in self:
            rule.validity = "temporary" if rule.kind in TEMPORARY_KINDS else "permanent"

    @api.depends("kind", "replaces", "validity")
    def _compute_subject(self):
        for rule in self:
            temporary = rule.validity == "temporary"
            rule.subject = rule.replaces or rule.kind if temporary else rule.kind

    @api.depends("priority")
    def _compute_priority_order(self):
        order = [code for code, _label in PRIORITIES]
        for rule in self:
            rule.priority_order = order.index(rule.priority) if rule.priority else 0

    @api.constrains("kind", "date_from", "date_to", "with_times", "time_from", "time_to")
    def _check_dates(self):
        for rule in self.filtered(lambda r: r.validity == "temporary"):
            if not (rule.date_from and rule.date_to):
                raise ValidationError(
                    self.env._("“%(rule)s” is temporary: say from when until when.", rule=rule.name)
                )
            times = (rule.time_from, rule.time_to) if rule.with_times else ()
            if any(not 0 <= minutes_of(time) < DAY for time in times):
                raise ValidationError(self.env._("Times lie between 00:00 and 23:59."))
            if rule.starts_at >= rule.ends_at:
                raise ValidationError(
                    self.env._("“%(rule)s” would end before it begins.", rule=rule.name)
                )

    @api.constrains("delivery_min", "delivery_max", "installments_max", "installments_free")
    def _check_ranges(self):
        for rule in self:
            if rule.delivery_max and rule.delivery_min > rule.delivery_max:
                raise ValidationError(
                    self.env._("The shortest delivery time is longer than the longest.")
                )
            if rule.installments_free > rule.installments_max:
                raise ValidationError(
                    self.env._("More installments are without interest than there are.")
                )

    @api.constrains("discount_kind", "discount_percent", "discount_amount")
    def _check_discount(self):
        for rule in self:
            given = {"percent": rule.discount_percent, "fixed": rule.discount_amount}
            if rule.discount_kind and not given[rule.discount_kind]:
                raise ValidationError(
                    self.env._("“%(rule)s”: how much is the discount?", rule=rule.name)
                )

    @api.constrains("product_ids", "profile_id")
    def _check_products(self):
        for rule in self:
            tenant = rule.profile_id.tenant_id.sudo()
            seen = tenant.company_id.ids + ([False] if tenant.include_shared_records else [])
            # Sudo: products of other companies are to be named, not hidden.
            for product in rule.sudo().product_ids:
                if product.company_id.id not in seen:
                    raise ValidationError(
                        self.env._(
                            "“%(product)s” is not a product of %(company)s that its AI may show. "
                            "Set the product's company.",
                            product=product.name,
                            company=tenant.company_id.name,
                        )
                    )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind not in TEMPORARY_KINDS:
            self.update({"replaces": False, "date_from": False, "date_to": False})
        elif not self.date_from and not self.date_to:
            self.update(self._default_dates())
        if self.kind in ("promotion", "discount") and not self.discount_kind:
            self.discount_kind = "percent"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._with_dates(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if {"date_from", "date_to", "with_times", "time_to", "stage"} & vals.keys():
            vals = {**vals, "notice": False}
        return super().write(vals)

    def copy_data(self, default=None):
        """A copy is a draft until it says something of its own."""
        return [
            {**vals, "name": self.env._("%(rule)s (copy)", rule=rule.name), "stage": "draft"}
            for rule, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_confirm(self):
        """Put drafts and cancelled rules to use; from when on they hold, their dates say."""
        self.write({"stage": "confirmed"})
        return True

    def action_cancel(self):
        """Take rules back: the AI forgets them, people still see them."""
        self.write({"stage": "cancelled"})
        return True

    def action_draft(self):
        """Make rules drafts again, which the AI does not know."""
        self.write({"stage": "draft"})
        return True

    @api.model
    def _about(self, name, things):
        """Return the rules of all companies that are limited to `things` by the field `name`."""
        # Sudo: whoever changes a product need not see the rules.
        rules = self.sudo().with_context(active_test=False)
        return rules.search([(name, "in", things.ids)])

    @api.model
    def _check_not_about(self, name, things):
        """Raise UserError when a rule is limited to one of `things`: it would become general."""
        rules = self._about(name, things)
        if found := rules[name] & things.sudo():
            raise UserError(
                self.env._(
                    "“%(thing)s” is what a business rule is limited to. Take it out of the rule "
                    "first, or archive the rule and the product.",
                    thing=found[0].display_name,
                )
            )

    def _default_dates(self):
        """Return the dates of a temporary rule that nobody has dated: a week from today."""
        zone = ZoneInfo(self.timezone or self.env.user.tz or "UTC")
        today = wall_time(fields.Datetime.now().replace(tzinfo=UTC), zone).date()
        return {"date_from": today, "date_to": today + timedelta(days=6)}

    @api.model
    def _with_dates(self, vals):
        kind = vals.get("kind") or self.env.context.get("default_kind")
        if kind not in TEMPORARY_KINDS or vals.get("date_from") or vals.get("date_to"):
            return vals
        return {**vals, **self.new(vals)._default_dates()}

    def _told(self):
        """Also what is still to come: the AI service judges the dates by its own clock."""
        return super()._told().filtered(lambda rule: rule.stage == "confirmed")

    def _untold_reason(self):
        sentences = {
            "draft": self.env._("The AI does not know it: it is a draft."),
            "cancelled": self.env._("The AI does not know it: it is cancelled."),
            "expired": self.env._("The AI does not use it any more: it has ended."),
            "upcoming": self.env._("The AI does not use it yet: it has not begun."),
        }
        return super()._untold_reason() or sentences.get(self.state, False)

    @api.model
    def _unsynced_domain(self):
        used = Domain("stage", "=", "confirmed")
        return super()._unsynced_domain() & (used | Domain("sync_state", "!=", "not_synced"))
