from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import hours
from ..wall_clock import DAY, minutes_of
from .ai_synced import check_profile

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
HOURS = frozenset({"weekday", "is_open", "opens", "closes", "lunch_from", "lunch_to"})


class AiOpeningHours(models.Model):
    """One weekday of a profile; a closing time not after the opening time is after midnight."""

    _name = "ai.opening.hours"
    _description = "Opening Hours of a Weekday"
    _order = "profile_id, weekday, opens, id"
    _rec_name = "weekday"

    profile_id = fields.Many2one(
        "ai.company.profile", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    weekday = fields.Selection(WEEKDAYS, required=True, default="0")
    is_open = fields.Boolean("Open", default=True)
    opens = fields.Float("From", default=9.0)
    closes = fields.Float("Until", default=18.0)
    lunch_from = fields.Float("Break from")
    lunch_to = fields.Float("Break until")

    _weekday_unique = models.Constraint(
        "UNIQUE(profile_id, weekday)", "Each weekday is there once. Use the break for a pause."
    )

    @api.constrains("is_open", "opens", "closes", "lunch_from", "lunch_to")
    def _check_times(self):
        for line in self.filtered("is_open"):
            check_times(self.env, line.opens, line.closes)
            lunch = (line.lunch_from, line.lunch_to)
            if any(lunch) and len(line._windows()) != 2:
                raise ValidationError(
                    self.env._("The break has to begin and end within the opening hours.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.profile_id._hours_changed()
        return lines

    def write(self, vals):
        check_profile(self.env, vals)
        result = super().write(vals)
        if HOURS & vals.keys():
            self.profile_id._hours_changed()
        return result

    def unlink(self):
        profiles = self.profile_id
        result = super().unlink()
        profiles._hours_changed()
        return result

    def _windows(self):
        """Return the windows of this line for the engine: none when it is closed."""
        self.ensure_one()
        if not self.is_open:
            return ()
        times = (self.opens, self.closes, self.lunch_from, self.lunch_to)
        return hours.day_windows(*map(minutes_of, times))


def check_times(env, opens, closes):
    """Raise ValidationError unless both are times of a day and differ."""
    opens, closes = minutes_of(opens), minutes_of(closes)
    if not (0 <= opens < DAY and 0 <= closes <= DAY):
        raise ValidationError(env._("Times lie between 00:00 and 24:00."))
    if opens == closes:
        raise ValidationError(
            env._("Opening and closing time are the same. Use 00:00 to 24:00 for the whole day.")
        )
