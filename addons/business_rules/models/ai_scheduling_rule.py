from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

from .. import hours
from ..wall_clock import DAY, iso_text, minutes_of
from .ai_business_rule import PRIORITIES

SERVICES = [
    ("consultation", "Consultation"),
    ("maintenance", "Maintenance"),
    ("delivery", "Delivery"),
    ("installation", "Installation"),
    ("event", "Event"),
    ("other", "Other"),
]
WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
SPANS = (
    ("morning_from", "morning_to"),
    ("afternoon_from", "afternoon_to"),
    ("saturday_from", "saturday_to"),
    ("sunday_from", "sunday_to"),
)
TIMES = tuple(name for span in SPANS for name in span)
TOLD = frozenset(
    (
        *("name", "service", "priority", "duration", "buffer", "notice_hours", "horizon_days"),
        *("change_notice_hours", "step", "user_ids", "cancellation_policy", "information"),
        *("rescheduling_policy", "confirmation_text", "text", *WORKING_DAYS, *TIMES),
    )
)


class AiSchedulingRule(models.Model):
    _name = "ai.scheduling.rule"
    _description = "Scheduling Rule"
    _inherit = ["mail.thread", "ai.synced"]
    _order = "profile_id, service, name, id"

    _synced_kind = "scheduling"
    _synced_fields = TOLD

    profile_id = fields.Many2one(
        "ai.company.profile",
        "Company Profile",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env["ai.company.profile"]._of_company(self.env.company),
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    timezone = fields.Selection(related="profile_id.timezone", string="Time Zone")
    name = fields.Char("Service", required=True, tracking=True)
    service = fields.Selection(
        SERVICES, "Kind", required=True, default="consultation", tracking=True
    )
    priority = fields.Selection(PRIORITIES, required=True, default="normal")
    text = fields.Text("In Your Own Words", tracking=True)
    duration = fields.Integer("Duration (minutes)", required=True, default=60, tracking=True)
    buffer = fields.Integer(
        "Pause between Bookings (minutes)", tracking=True, help="Before and after each booking."
    )
    notice_hours = fields.Integer("Earliest after (hours)", default=2, tracking=True)
    horizon_days = fields.Integer("At Most Ahead (days)", default=30, tracking=True)
    step = fields.Integer(
        "A Start Every (minutes)", required=True, default=30, help="9:00, 9:30, 10:00, …"
    )
    monday = fields.Boolean(default=True, tracking=True)
    tuesday = fields.Boolean(default=True, tracking=True)
    wednesday = fields.Boolean(default=True, tracking=True)
    thursday = fields.Boolean(default=True, tracking=True)
    friday = fields.Boolean(default=True, tracking=True)
    morning_from = fields.Float(default=9.0, tracking=True)
    morning_to = fields.Float(default=12.0, tracking=True)
    afternoon_from = fields.Float(default=13.0, tracking=True)
    afternoon_to = fields.Float(default=18.0, tracking=True)
    saturday_from = fields.Float(tracking=True)
    saturday_to = fields.Float(tracking=True)
    sunday_from = fields.Float(tracking=True)
    sunday_to = fields.Float(tracking=True)
    user_ids = fields.Many2many(
        "res.users",
        string="Calendars",
        tracking=True,
        ondelete="restrict",
        # A service of people who have left is not one of everybody.
        context={"active_test": False},
        help="Whose calendars have to be free. A time is offered when one of them is. Empty: "
        "every time within the windows counts as free.",
    )
    cancellation_policy = fields.Text(tracking=True)
    rescheduling_policy = fields.Text(tracking=True)
    information = fields.Text("Information to Ask for", help="One per line.", tracking=True)
    confirmation_text = fields.Text("Confirmation", tracking=True)
    template_key = fields.Char(readonly=True, copy=False, help="Template it was made from.")
    sentence = fields.Text("What the AI Says", compute="_compute_sentence")
    next_slots = fields.Text("Next Free Times", compute="_compute_next_slots")

    _numbers = models.Constraint(
        """CHECK(duration > 0 AND step > 0 AND buffer >= 0 AND notice_hours >= 0
                 AND horizon_days BETWEEN 1 AND 730 AND duration <= 1440 AND step <= 1440)""",
        "Duration and rhythm are 1 to 1440 minutes, the horizon 1 to 730 days.",
    )

    @api.depends(*sorted(TOLD - {"user_ids"}), "profile_id.tenant_id.language")
    def _compute_sentence(self):
        for rule in self:
            rule.sentence = rule._sentence(rule.profile_id.language)

    @api.constrains(*TIMES)
    def _check_windows(self):
        for rule in self:
            for first, last in SPANS:
                start, end = minutes_of(rule[first]), minutes_of(rule[last])
                if not 0 <= start <= end <= DAY:
                    raise ValidationError(
                        self.env._(
                            "“%(rule)s”: a window ends after it begins, between 00:00 and 24:00. "
                            "00:00 to 00:00 is closed.",
                            rule=rule.name,
                        )
                    )
            if minutes_of(rule.morning_to) > minutes_of(rule.afternoon_from) and rule.afternoon_to:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s”: the afternoon begins before the morning has ended.",
                        rule=rule.name,
                    )
                )

    @api.constrains("user_ids", "profile_id")
    def _check_users(self):
        for rule in self:
            # Sudo: whoever sets up a service need not see all users.
            for user in rule.sudo().user_ids:
                if rule.company_id not in user.company_ids:
                    raise ValidationError(
                        self.env._(
                            "%(user)s does not work for %(company)s.",
                            user=user.name,
                            company=rule.company_id.name,
                        )
                    )

    def _schedule(self):
        """Return the hours.Schedule of this service's own windows."""
        self.ensure_one()
        spans = [tuple(minutes_of(self[name]) for name in span) for span in SPANS]
        morning, afternoon, saturday, sunday = (
            ((start, end),) if end > start else () for start, end in spans
        )
        week = {
            day: morning + afternoon if self[name] else () for day, name in enumerate(WORKING_DAYS)
        }
        week.update({5: saturday, 6: sunday})
        return hours.Schedule(ZoneInfo(self.timezone or "UTC"), week)

    def _sentence(self, lang):
        """Return how this service is booked, in `lang`."""
        self.ensure_one()
        rule = self.with_context(lang=lang or self.env.lang)
        env = rule.env
        found = [
            env._(
                "%(service)s: %(minutes)s minutes, by appointment.",
                service=rule.name or "",
                minutes=rule.duration,
            )
        ]
        if week := rule._week_in_words():
            found.append(env._("Appointments: %(week)s.", week=week))
        if rule.notice_hours == 1:
            found.append(env._("Book at least 1 hour ahead."))
        elif rule.notice_hours:
            found.append(env._("Book at least %(hours)s hours ahead.", hours=rule.notice_hours))
        if rule.horizon_days == 1:
            found.append(env._("Book at most 1 day ahead."))
        else:
            found.append(env._("Book at most %(days)s days ahead.", days=rule.horizon_days))
        if rule.change_notice_hours == 1:
            found.append(env._("Cancel or reschedule at least 1 hour ahead."))
        elif rule.change_notice_hours:
            found.append(
                env._(
                    "Cancel or reschedule at least %(hours)s hours ahead.",
                    hours=rule.change_notice_hours,
                )
            )
        if rule.cancellation_policy:
            text = " ".join(rule.cancellation_policy.split())
            found.append(env._("Cancelling: %(policy)s", policy=text))
        if rule.rescheduling_policy:
            text = " ".join(rule.rescheduling_policy.split())
            found.append(env._("Rescheduling: %(policy)s", policy=text))
        if asked := rule._information_list():
            found.append(env._("Please have ready: %(things)s.", things=format_list(env, asked)))
        return " ".join(found)

    def _week_in_words(self):
        days = self.profile_id._alike_days(self.env, self._schedule().week)
        joint = self.env._(" and ")
        return "; ".join(
            f"{names} {hours.day_text(windows, '', joint)}" for names, windows in days if windows
        )

    def _information_list(self):
        lines = (line.strip() for line in (self.information or "").split("\n"))
        return [line for line in lines if line]

    def _ai_facts(self, lang):
        """Return the facts of these rules in `lang` (docs/rules.md)."""
        return [rule._ai_fact(lang) for rule in self]

    def _ai_fact(self, lang):
        self.ensure_one()
        week = self._schedule().week
        return {
            "kind": self._synced_kind,
            "id": self.id,
            "group": "scheduling",
            "subkind": self.service,
            "title": self.name,
            "sentence": self._sentence(lang),
            "text": (self.text or "").strip(),
            "priority": self.priority,
            "valid_from": iso_text(None),
            "valid_to": iso_text(None),
            "structure": {
                "scheduling": {
                    "duration": self.duration,
                    "buffer": self.buffer,
                    "notice_hours": self.notice_hours,
                    "horizon_days": self.horizon_days,
                    "week": [
                        {"weekday": day, "windows": hours.window_texts(windows)}
                        for day, windows in sorted(week.items())
                    ],
                    "information": self._information_list(),
                    "cancellation_policy": self.cancellation_policy or "",
                    "rescheduling_policy": self.rescheduling_policy or "",
                    "confirmation_text": self.confirmation_text or "",
                }
            },
            "products": [],
            "categories": [],
            "chunks": [],
            "write_date": fields.Datetime.to_string(self.changed_on),
        }
