"""Opening hours of a profile: the engine's schedule, in words, and "are you open?"."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import babel_locale_parse, get_lang

from .. import hours
from ..wall_clock import wall_time

EXCEPTIONS_TOLD = timedelta(days=366)
USUAL_WEEK = (
    # weekday, opens, closes, lunch_from, lunch_to
    *((day, 9.0, 18.0, 12.0, 13.0) for day in range(5)),
    (5, 9.0, 13.0, 0.0, 0.0),
)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiCompanyProfile(models.Model):
    _inherit = "ai.company.profile"

    hour_ids = fields.One2many("ai.opening.hours", "profile_id", "Opening Hours", copy=True)
    exception_ids = fields.One2many(
        "ai.opening.exception", "profile_id", "Holidays and Exceptional Days", copy=True
    )
    hours_text = fields.Text(
        "Hours in Words",
        compute="_compute_hours_text",
        store=True,
        tracking=True,
        help="As the AI tells them, in the tenant's language.",
    )
    exceptions_text = fields.Text(
        "Exceptional Days in Words",
        compute="_compute_exceptions_text",
        store=True,
        tracking=True,
        help="For the history; in the tenant's language.",
    )
    open_now = fields.Char("Open Now?", compute="_compute_open_now")
    is_open = fields.Boolean(compute="_compute_open_now")

    @api.depends(
        "tenant_id.language",
        "hour_ids.weekday",
        "hour_ids.is_open",
        "hour_ids.opens",
        "hour_ids.closes",
        "hour_ids.lunch_from",
        "hour_ids.lunch_to",
    )
    def _compute_hours_text(self):
        for profile in self:
            profile.hours_text = profile._hours_in_words(profile.language)

    @api.depends(
        "tenant_id.language",
        "exception_ids.date_from",
        "exception_ids.date_to",
        "exception_ids.yearly",
        "exception_ids.is_open",
        "exception_ids.opens",
        "exception_ids.closes",
        "exception_ids.name",
    )
    def _compute_exceptions_text(self):
        for profile in self:
            lines = (line._in_words(profile.language) for line in profile.exception_ids)
            profile.exceptions_text = "\n".join(lines) or False

    @api.depends(
        "hours_text",
        "timezone",
        "exception_ids.date_from",
        "exception_ids.date_to",
        "exception_ids.yearly",
        "exception_ids.is_open",
        "exception_ids.opens",
        "exception_ids.closes",
        "exception_ids.name",
    )
    @api.depends_context("lang")
    def _compute_open_now(self):
        for profile in self:
            state = profile._open_state(fields.Datetime.now())
            profile.is_open = state.open
            profile.open_now = profile._open_sentence(state)

    def action_usual_week(self):
        """Fill in Monday to Friday 9–18 with a lunch break and Saturday 9–13, to start from."""
        self.ensure_one()
        self.hour_ids.unlink()
        days = {day: rest for day, *rest in USUAL_WEEK}
        self.env["ai.opening.hours"].create(
            [
                {
                    "profile_id": self.id,
                    "weekday": str(day),
                    "is_open": day in days,
                    **dict(
                        zip(
                            ("opens", "closes", "lunch_from", "lunch_to"),
                            days.get(day, (0.0, 0.0, 0.0, 0.0)),
                            strict=True,
                        )
                    ),
                }
                for day in range(7)
            ]
        )
        return True

    def _hours_changed(self):
        """Note that the hours of these profiles changed, in the chatter too."""
        # Read, and so computed, as the user who changed a line: later it would be somebody else's.
        self.mapped("hours_text")
        self.mapped("exceptions_text")
        self._content_changed()

    def _schedule(self):
        """Return the hours.Schedule of this profile."""
        week = {}
        for line in self.hour_ids:
            windows = week.setdefault(int(line.weekday), ())
            week[int(line.weekday)] = windows + line._windows()
        exceptions = {}
        for exception in self.exception_ids:
            exceptions.update(exception._days())
        return hours.Schedule(ZoneInfo(self.timezone or "UTC"), week, exceptions)

    def _open_state(self, moment):
        """Return the hours.OpenState at `moment`, a naive datetime in UTC."""
        return hours.open_state(self._schedule(), moment.replace(tzinfo=UTC))

    def _hours_in_words(self, lang):
        """Return the week in words in `lang`, a line for days that are alike; "" when unknown."""
        env = self.with_context(lang=lang).env
        week = {}
        for line in self.hour_ids:
            week.setdefault(int(line.weekday), []).extend(line._windows())
        if not week:
            return ""
        closed, joint = env._("closed"), env._(" and ")
        lines = [
            f"{days}: {hours.day_text(windows, closed, joint)}"
            for days, windows in self._alike_days(env, week)
        ]
        return "\n".join(line[:1].upper() + line[1:] for line in lines)

    @api.model
    def _alike_days(self, env, week):
        """Return [("Monday to Friday", windows), …] of a week, in the language of `env`."""
        names = self._weekday_names(env, env.lang)
        groups = []
        for day in range(7):
            windows = tuple(sorted(week.get(day, ())))
            if groups and groups[-1][1] == windows:
                groups[-1][0].append(names[day])
            else:
                groups.append(([names[day]], windows))
        return [(self._span(env, days), windows) for days, windows in groups]

    @staticmethod
    def _weekday_names(env, lang):
        return babel_locale_parse(get_lang(env, lang).code).days["stand-alone"]["wide"]

    @staticmethod
    def _span(env, names):
        if len(names) == 1:
            return names[0]
        return env._("%(first)s to %(last)s", first=names[0], last=names[-1])

    def _open_sentence(self, state):
        """Return an hours.OpenState in words, in the language of the context."""
        env, zone = self.env, ZoneInfo(self.timezone or "UTC")
        if state.reason == "unknown":
            return env._("The opening hours are not known.")
        if state.open:
            until = wall_time(state.until, zone)
            return env._("Open now, until %(time)s.", time=f"{until:%H:%M}")
        reasons = {
            "lunch": env._("Closed for lunch."),
            "before": env._("Not open yet."),
            "after": env._("Closed for today."),
            "closed_day": env._("Closed today."),
            "exception": env._("Closed today: %(name)s.", name=state.name),
        }
        sentence = reasons[state.reason]
        if state.next_opening:
            opening = wall_time(state.next_opening, zone)
            lang = env.lang or self.language
            names = self._weekday_names(env, lang)
            sentence += " " + env._(
                "Opens %(day)s, %(date)s, at %(time)s.",
                day=names[opening.weekday()],
                date=format_date(env, opening.date(), lang_code=lang),
                time=f"{opening:%H:%M}",
            )
        return sentence

    def _hours_facts(self, lang):
        """Return the hours as the façade tells them (docs/rules.md)."""
        schedule = self._schedule()
        today = wall_time(fields.Datetime.now().replace(tzinfo=UTC), schedule.zone).date()
        shown = {
            day: exception
            for day, exception in sorted(schedule.exceptions.items())
            if today <= day <= today + EXCEPTIONS_TOLD
        }
        return {
            "known": schedule.known,
            "week": [
                {"weekday": day, "windows": hours.window_texts(schedule.week.get(day, ()))}
                for day in range(7)
            ],
            "exceptions": [
                {
                    "date": day.isoformat(),
                    "name": exception.name,
                    "windows": hours.window_texts(exception.windows),
                }
                for day, exception in shown.items()
            ],
            "text": self._hours_in_words(lang),
        }
