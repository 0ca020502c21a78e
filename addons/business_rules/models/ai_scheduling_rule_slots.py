"""Real free times of a service: its windows less what is in the calendars."""

from dataclasses import replace
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .. import slots
from ..wall_clock import wall_time
from .ai_scheduling_rule import TOLD

SHOWN = 6  # slots that the form previews
HOUR = 60  # minutes


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiSchedulingRule(models.Model):
    _inherit = "ai.scheduling.rule"

    @api.depends(*sorted(TOLD), "timezone", "profile_id.exception_ids")
    @api.depends_context("lang")
    def _compute_next_slots(self):
        now = fields.Datetime.now()
        for rule in self:
            if not (rule.duration > 0 and rule.step > 0):
                rule.next_slots = False
                continue
            first = wall_time(now.replace(tzinfo=UTC), rule._schedule().zone).date()
            last = first + timedelta(days=rule.horizon_days)
            found = rule._free_slots(first, last, SHOWN)
            rule.next_slots = "\n".join(rule._slot_text(slot) for slot in found) or rule.env._(
                "No free time within %(days)s days.", days=rule.horizon_days
            )

    def _slot_text(self, slot):
        zone = self._schedule().zone
        start = wall_time(slot.start, zone)
        names = self.profile_id._weekday_names(self.env, self.env.lang)
        day = format_date(self.env, start.date(), lang_code=self.env.lang)
        text = f"{names[start.weekday()]}, {day}, {start:%H:%M}"
        return f"{text} – {slot.resource}" if slot.resource else text

    def _free_slots(self, first, last, limit):
        """Return up to `limit` slots.Slot between two dates on the tenant's clock."""
        self.ensure_one()
        # Sudo: as in _busy.
        users = self.sudo().user_ids._origin
        if users and not users.filtered("active"):
            return []
        names = {str(user.id): user.name for user in users}
        found = self._slots(first, last, limit, users.filtered("active"))
        return [replace(slot, resource=names.get(slot.resource, "")) for slot in found]

    def _slots(self, first, last, limit, users, without=None):
        """Return up to `limit` slots that one of `users` (sudo) has free, by the id as a text.

        Without users the windows alone count. without: an event that keeps nobody busy.
        """
        schedule = self._schedule()
        # Nobody is busy, and nothing is offered, before today or beyond the horizon.
        today = wall_time(fields.Datetime.now().replace(tzinfo=UTC), schedule.zone).date()
        first, last = max(first, today), min(last, today + timedelta(days=self.horizon_days))
        if last < first:
            return []
        terms = slots.Terms(
            duration=self.duration,
            buffer=self.buffer,
            notice=self.notice_hours * HOUR,
            horizon=self.horizon_days,
            step=self.step,
        )
        return slots.free_slots(
            schedule,
            terms,
            self._busy(first, last, schedule, users, without),
            now=fields.Datetime.now().replace(tzinfo=UTC),
            first=first,
            last=last,
            limit=limit,
            shop=self.profile_id._schedule(),
        )

    def _busy(self, first, last, schedule, users, without=None):
        """Return {id of a user, as text: the busy times of its calendar} from `first` to `last`."""
        busy = {user.id: [] for user in users}
        margin = timedelta(days=2)  # zones, all-day events and pauses reach over the edges
        start, end = slots.whole_days(first, last, schedule)
        # Sudo: when people are busy is needed, and nothing else leaves here: no title, no guest.
        events = self.env["calendar.event"].sudo().with_context(active_test=True)
        found = events.search_fetch(
            [
                ("partner_ids", "in", users.partner_id.ids),
                ("show_as", "=", "busy"),
                ("start", "<", (end + margin).replace(tzinfo=None)),
                ("stop", ">", (start - margin).replace(tzinfo=None)),
                ("id", "not in", without.ids if without else []),
            ],
            ["start", "stop", "allday", "start_date", "stop_date", "partner_ids", "attendee_ids"],
        )
        partners = {user.partner_id.id: user.id for user in users}
        for event in found:
            declined = event.attendee_ids.filtered(lambda a: a.state == "declined").partner_id
            for partner in event.partner_ids - declined:
                if partner.id in partners:
                    busy[partners[partner.id]].append(self._busy_interval(event, schedule))
        return {str(user_id): times for user_id, times in busy.items()}

    @staticmethod
    def _busy_interval(event, schedule):
        if event.allday:
            return slots.whole_days(event.start_date, event.stop_date, schedule)
        return event.start.replace(tzinfo=UTC), event.stop.replace(tzinfo=UTC)
