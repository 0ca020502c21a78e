"""How a rule stands at this moment: asked of the clock when it is read, never stored."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain

from .. import validity
from ..wall_clock import minutes_of

STATES = [
    ("draft", "Draft"),
    ("upcoming", "Upcoming"),
    ("active", "Active"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
]
SOON = timedelta(days=7)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiBusinessRule(models.Model):
    _inherit = "ai.business.rule"

    state = fields.Selection(STATES, "Status", compute="_compute_state", search="_search_state")
    ends_soon = fields.Boolean(compute="_compute_soon", search="_search_ends_soon")
    starts_soon = fields.Boolean(compute="_compute_soon", search="_search_starts_soon")
    # Instants, which do not age; whether they have passed is asked when the state is read.
    starts_at = fields.Datetime(compute="_compute_instants", store=True)
    ends_at = fields.Datetime(
        compute="_compute_instants", store=True, index=True, help="The first moment without it."
    )

    @api.depends(
        "validity",
        "date_from",
        "date_to",
        "with_times",
        "time_from",
        "time_to",
        "profile_id.tenant_id.timezone",
    )
    def _compute_instants(self):
        for rule in self:
            start = end = None
            if rule.validity == "temporary":
                start, end = validity.bounds(
                    rule.date_from,
                    rule.date_to,
                    rule._zone(),
                    minutes_of(rule.time_from) if rule.with_times else None,
                    minutes_of(rule.time_to) if rule.with_times else None,
                )
            rule.starts_at = start and start.replace(tzinfo=None)
            rule.ends_at = end and end.replace(tzinfo=None)

    @api.depends("stage", "starts_at", "ends_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for rule in self:
            bounds = (rule.starts_at or None, rule.ends_at or None)
            rule.state = validity.state(rule.stage, *bounds, now)

    @api.model
    def _search_state(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        domain = Domain.OR(self._state_domain(state) for state in value if state)
        return ~domain if operator == "not in" else domain

    @api.model
    def _state_domain(self, state):
        """Return the domain of the rules that are in `state` at this moment."""
        if state in ("draft", "cancelled"):
            return Domain("stage", "=", state)
        now = fields.Datetime.now()
        used = Domain("stage", "=", "confirmed")
        over = Domain("ends_at", "!=", False) & Domain("ends_at", "<=", now)
        ahead = Domain("starts_at", "!=", False) & Domain("starts_at", ">", now)
        return {
            "expired": used & over,
            "upcoming": used & ~over & ahead,
            "active": used & ~over & ~ahead,
        }.get(state, Domain.FALSE)

    @api.depends("state", "starts_at", "ends_at")
    def _compute_soon(self):
        limit = fields.Datetime.now() + SOON
        for rule in self:
            ends, starts = rule.ends_at, rule.starts_at
            rule.ends_soon = rule.state == "active" and bool(ends) and ends <= limit
            rule.starts_soon = rule.state == "upcoming" and bool(starts) and starts <= limit

    @api.model
    def _search_ends_soon(self, operator, value):
        return self._search_soon(operator, value, "active", "ends_at")

    @api.model
    def _search_starts_soon(self, operator, value):
        return self._search_soon(operator, value, "upcoming", "starts_at")

    @api.model
    def _search_soon(self, operator, value, state, name):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        limit = fields.Datetime.now() + SOON
        near = Domain(name, "!=", False) & Domain(name, "<=", limit)
        return self._state_domain(state) & near

    @api.model
    def active_summary(self):
        """Return how many rules each filter of the board finds."""
        domains = {
            "in_force": [("state", "=", "active")],
            "starts_soon": [("starts_soon", "=", True)],
            "ends_soon": [("ends_soon", "=", True)],
            "conflicts": [("has_conflict", "=", True)],
        }
        return {name: self.search_count(domain) for name, domain in domains.items()}

    def _zone(self):
        self.ensure_one()
        return ZoneInfo(self.timezone or "UTC")
