from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from .. import hours
from ..wall_clock import minutes_of
from .ai_opening_hours import check_times
from .ai_synced import check_profile

LONGEST = 366  # days
YEARS_AHEAD = 2


class AiOpeningException(models.Model):
    """Holidays, closing days and days with other hours, once or every year."""

    _name = "ai.opening.exception"
    _description = "Exceptional Opening Day"
    _order = "profile_id, date_from, id"

    profile_id = fields.Many2one(
        "ai.company.profile", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    name = fields.Char("Reason", required=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", help="Empty: that day only.")
    yearly = fields.Boolean("Every Year", help="On the same dates.")
    is_open = fields.Boolean("Other Hours", help="Off: closed all day.")
    opens = fields.Float(default=9.0)
    closes = fields.Float(default=13.0)

    @api.constrains("date_from", "date_to", "is_open", "opens", "closes")
    def _check_days(self):
        for exception in self:
            last = exception.date_to or exception.date_from
            if not 0 <= (last - exception.date_from).days <= LONGEST:
                raise ValidationError(
                    self.env._("The last day comes after the first, within a year of it.")
                )
            if exception.is_open:
                check_times(self.env, exception.opens, exception.closes)

    @api.model_create_multi
    def create(self, vals_list):
        exceptions = super().create(vals_list)
        exceptions.profile_id._hours_changed()
        return exceptions

    def write(self, vals):
        check_profile(self.env, vals)
        result = super().write(vals)
        self.profile_id._hours_changed()
        return result

    def unlink(self):
        profiles = self.profile_id
        result = super().unlink()
        profiles._hours_changed()
        return result

    def _days(self):
        """Return {date: hours.ExceptionDay} of this exception."""
        self.ensure_one()
        if not self.date_from:
            return {}
        windows = ()
        if self.is_open:
            windows = hours.day_windows(minutes_of(self.opens), minutes_of(self.closes), 0, 0)
        count = ((self.date_to or self.date_from) - self.date_from).days + 1
        day = hours.ExceptionDay(windows, self.name or "")
        return {
            first + timedelta(days=n): day
            for first in self._first_days()
            for n in range(max(count, 0))
        }

    def _in_words(self, lang):
        """Return this exception as a line of text in `lang`."""
        self.ensure_one()
        env = self.with_context(lang=lang).env
        dates = [day for day in (self.date_from, self.date_to) if day]
        span = " – ".join(format_date(env, day, lang_code=lang) for day in dates)
        windows = next(iter(self._days().values()), hours.ExceptionDay()).windows
        text = hours.day_text(windows, env._("closed"), env._(" and "))
        yearly = env._(", every year") if self.yearly else ""
        return f"{span}{yearly}: {self.name} ({text})"

    def _first_days(self):
        """Return the dates on which this exception begins, as far as anybody asks."""
        if not self.yearly:
            return [self.date_from]
        year = fields.Date.today().year
        years = range(max(self.date_from.year, year - 1), year + YEARS_AHEAD + 1)
        # Not replace(): what began on 29 February begins on 28 February in other years.
        return [self.date_from + relativedelta(year=number) for number in years]
