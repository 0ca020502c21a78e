"""Bookings of a service: entered into the calendar of whoever gives it, moved and cancelled."""

from datetime import UTC, timedelta

from markupsafe import Markup, escape

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..wall_clock import iso_text, wall_time

SLOTS_OF_A_DAY = 1440
# Nobody is written to: the conversation confirms, and a stranger's address may be anybody's.
SILENT = {
    "no_mail_to_attendees": True,
    "dont_notify": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "tracking_disable": True,
    "skip_contact_description": True,
}


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiSchedulingRule(models.Model):
    _inherit = "ai.scheduling.rule"

    change_notice_hours = fields.Integer(
        "Changes until (hours before)",
        tracking=True,
        help="So long before it begins a customer may still move or cancel a booking.",
    )

    _change_notice = models.Constraint(
        "CHECK(change_notice_hours >= 0)", "The hours before a booking cannot be negative."
    )

    @api.model
    def _bookings_of(self, tenant, partner, domain=Domain.TRUE):
        """Return (sudo) the coming bookings of `partner`'s family at the tenant's company."""
        # Sudo: calendars are private; only this customer's own bookings are looked at.
        events = self.env["calendar.event"].sudo().with_context(**SILENT)
        family = Domain("ai_customer_id", "child_of", partner.commercial_partner_id.ids)
        mine = Domain("ai_rule_id.company_id", "=", tenant.company_id.id) & family
        coming = Domain("start", ">", fields.Datetime.now())
        return events.search(mine & coming & domain, order="start, id")

    def _book(self, partner, start, answers):
        """Return (sudo) the new event; UserError when `start` (naive, UTC) cannot be had."""
        self.ensure_one()
        user = self._take_free(start)
        values = {
            "name": f"{self.name} – {partner.name}",
            "start": start,
            "stop": start + timedelta(minutes=self.duration),
            "user_id": user.id,
            "partner_ids": [Command.set((user.partner_id | partner.sudo()).ids)],
            "description": _answers_html(answers),
            "show_as": "busy",
            "ai_rule_id": self.id,
            "ai_customer_id": partner.id,
        }
        # Sudo: the integration user has no calendar; the time was found free under the lock.
        event = self.env["calendar.event"].sudo().with_context(**SILENT).create(values)
        event.attendee_ids.state = "accepted"
        return event

    def _move(self, event, start):
        """Move the booking `event` (sudo) to `start`; UserError when that cannot be."""
        self.ensure_one()
        self._check_may_change(event)
        user = self._take_free(start, event)
        values = {"start": start, "stop": start + timedelta(minutes=self.duration)}
        if user != event.user_id:
            partners = (event.partner_ids - event.user_id.partner_id) | user.partner_id
            values |= {"user_id": user.id, "partner_ids": [Command.set(partners.ids)]}
        event.with_context(**SILENT).write(values)
        event.attendee_ids.state = "accepted"

    def _cancel(self, event):
        """Take the booking `event` (sudo) out of the calendar; it stays, archived."""
        self._check_may_change(event)
        event.with_context(**SILENT).active = False

    def _check_may_change(self, event):
        self.ensure_one()
        if event.start - fields.Datetime.now() < timedelta(hours=self.change_notice_hours):
            raise UserError(
                self.env._(
                    "This booking can be changed until %(hours)s hours before it begins. A person "
                    "has to help now.",
                    hours=self.change_notice_hours,
                )
            )

    def _take_free(self, start, event=None):
        """Return (sudo) whose calendar has `start` free, and keep other bookings out of it.

        event: the booking that is moved; its own time counts as free, and it stays with the same
        person where possible. Nobody when the service has no calendars. UserError otherwise.
        """
        # Sudo: who gives a service is not the integration user's to read.
        users = self.sudo().user_ids._origin.filtered("active")
        if self.sudo().user_ids and not users:
            raise UserError(self.env._("Nobody gives this service at the moment."))
        self.env["ai.booking.lock"].sudo()._take(users)
        moment = start.replace(tzinfo=UTC)
        self._check_notice(start)
        day = wall_time(moment, self._schedule().zone).date()
        candidates = users
        if event and event.user_id in users:
            candidates = event.user_id | users
        for user in candidates or [users]:
            slots = self._slots(day, day, SLOTS_OF_A_DAY, user, without=event)
            if any(slot.start == moment for slot in slots):
                return user
        raise UserError(
            self.env._("This time is not free (any more). Look for free times and offer others.")
        )

    def _check_notice(self, start):
        now = fields.Datetime.now()
        if start < now + timedelta(hours=self.notice_hours):
            raise UserError(
                self.env._(
                    "“%(service)s” is booked at least %(hours)s hours ahead.",
                    service=self.name,
                    hours=self.notice_hours,
                )
            )
        zone = self._schedule().zone
        days = wall_time(start.replace(tzinfo=UTC), zone).date()
        today = wall_time(now.replace(tzinfo=UTC), zone).date()
        if days > today + timedelta(days=self.horizon_days):
            raise UserError(
                self.env._(
                    "“%(service)s” is booked at most %(days)s days ahead.",
                    service=self.name,
                    days=self.horizon_days,
                )
            )

    @api.model
    def _booking_fact(self, event):
        """Return the booking `event` (sudo) as docs/tools.md has it."""
        return {
            "id": event.id,
            "service": event.ai_rule_id.name or "",
            "rule_id": event.ai_rule_id.id,
            "start": iso_text(event.start),
            "end": iso_text(event.stop),
            "resource": event.user_id.name or "",
            "state": "booked" if event.active else "cancelled",
        }


def _answers_html(answers):
    lines = [Markup("<li>%s: %s</li>") % (escape(name), escape(text)) for name, text in answers]
    return Markup("<ul>%s</ul>") % Markup("").join(lines) if lines else False
