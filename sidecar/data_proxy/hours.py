"""Opening hours by the clock: "are you open?", "until when?", "on Sunday?", computed, not guessed.

A window is open from its first minute on and closed from its last one on. One that ends at or
before its start ends on the next day.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from sidecar.llm.sentences import translations
from sidecar.search.tokens import fold

_HORIZON = 370  # days in which the next opening is looked for
_WORDS = re.compile(r"[^\W_]+")
_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})\b")
_WEEKDAYS = {
    "pt": ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo"),
    "en": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
}
_RELATIVE = {"pt": {"hoje": 0, "amanha": 1}, "en": {"today": 0, "tomorrow": 1}}

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether it is open, why not, until when or from when on; instants are aware.

    reason: open, lunch, before, after, closed_day, exception or unknown; name: of an exceptional
    day.
    """

    open: bool
    reason: str
    name: str = ""
    until: datetime | None = None
    next_opening: datetime | None = None


class Hours:
    """A company's hours as `company_profile` of docs/rules.md tells them; `zone` is IANA."""

    def __init__(self, told: dict[str, Any], zone: str, language: str):
        self.known = bool(told.get("known")) or bool(told.get("exceptions"))
        self.text = told.get("text", "")
        self._week = {day["weekday"]: day["windows"] for day in told.get("week", ())}
        self._exceptions = {
            date.fromisoformat(day["date"]): day for day in told.get("exceptions", ())
        }
        self._zone = ZoneInfo(zone)
        self._language = language

    def state(self, now: datetime) -> OpenState:
        """Whether it is open at the instant `now` (aware)."""
        wall = now.astimezone(self._zone)
        today = wall.date()
        name = self._exceptions.get(today, {}).get("name", "")
        if not self.known:
            return OpenState(False, "unknown")
        for day in (today - timedelta(days=1), today):
            for start, end in self._windows(day):
                if start <= now < end:
                    return OpenState(True, "open", name, until=self._closing(day, end))
        reason = self._reason(today, now)
        return OpenState(False, reason, name, next_opening=self._next_opening(now))

    def sentences(self, question: str, now: datetime, state: OpenState | None = None) -> list[str]:
        """What to answer to a question about the hours; nothing where they are not known.

        state: as Odoo says, else it is computed here.
        """
        if not self.known:
            return []
        if state is None or state.reason == "unknown":
            state = self.state(now)
        if asked := self._day_asked(question, now):
            sentence = self.day_sentence(asked)
            if asked != now.astimezone(self._zone).date():
                return [sentence]
            return [self.state_sentence(state, now), sentence]
        return [self.state_sentence(state, now), *filter(None, [self.text])]

    def state_sentence(self, state: OpenState, now: datetime) -> str:
        """An OpenState in words."""
        _ = translations(self._language).gettext
        if state.open and state.until:
            until = state.until.astimezone(self._zone)
            return _("We are open now, until %(time)s.") % {"time": f"{until:%H:%M}"}
        if state.open:
            return _("We are open now.")
        reasons = {
            "lunch": _("We are closed for lunch right now."),
            "before": _("We have not opened yet today."),
            "after": _("We have closed for today."),
            "closed_day": _("We are closed today."),
            "exception": _("We are closed today: %(name)s.") % {"name": state.name},
        }
        sentence = reasons.get(state.reason, _("We are closed right now."))
        if state.next_opening:
            wall = state.next_opening.astimezone(self._zone)
            day = self._day_name(wall.date(), now.astimezone(self._zone).date())
            told = {"day": day, "time": f"{wall:%H:%M}"}
            sentence += " " + _("We open again: %(day)s, %(time)s.") % told
        return sentence

    def day_sentence(self, day: date) -> str:
        """When it is open on a day."""
        _ = translations(self._language).gettext
        exception = self._exceptions.get(day)
        name = self._dated(day)
        if exception and exception["name"]:
            name += f" ({exception['name']})"
        windows = exception["windows"] if exception else self._week.get(day.weekday(), [])
        if not windows:
            return _("%(day)s: closed.") % {"day": _upper(name)}
        told = _(" and ").join(f"{start}–{end}" for start, end in sorted(windows))
        return _("%(day)s: open %(hours)s.") % {"day": _upper(name), "hours": told}

    def _windows(self, day: date) -> list[Window]:
        exception = self._exceptions.get(day)
        told = exception["windows"] if exception else self._week.get(day.weekday(), [])
        found = []
        for start, end in sorted(told):
            first, last = self._instant(day, start), self._instant(day, end)
            if end <= start:
                last = self._instant(day + timedelta(days=1), end)
            if first < last:
                found.append((first, last))
        return found

    def _instant(self, day: date, clock: str) -> datetime:
        hour, minute = map(int, clock.split(":"))
        if hour == 24:
            day, hour = day + timedelta(days=1), 0
        return datetime.combine(day, time(hour, minute), self._zone).astimezone(ZoneInfo("UTC"))

    def _closing(self, day: date, end: datetime) -> datetime:
        """When it really closes: two windows that meet are one opening."""
        for following in (day, day + timedelta(days=1)):
            for start, later in self._windows(following):
                if start <= end < later:
                    end = later
        return end

    def _reason(self, today: date, now: datetime) -> str:
        windows = self._windows(today)
        if not windows:
            return "exception" if today in self._exceptions else "closed_day"
        if now < windows[0][0]:
            return "before"
        return "after" if now >= windows[-1][1] else "lunch"

    def _next_opening(self, now: datetime) -> datetime | None:
        today = now.astimezone(self._zone).date()
        for days in range(_HORIZON):
            for start, _end in self._windows(today + timedelta(days=days)):
                if start > now:
                    return start
        return None

    def _day_asked(self, question: str, now: datetime) -> date | None:
        """The one day that a question is about: an exceptional day's name, a date, a weekday."""
        language = self._language.split("_")[0].lower()
        words = _WORDS.findall(fold(question))
        today = now.astimezone(self._zone).date()
        for day, exception in sorted(
            self._exceptions.items(), key=lambda one: (-len(one[1]["name"]), one[0])
        ):
            name = _WORDS.findall(fold(exception["name"]))
            if day >= today and name and set(name) <= set(words):
                return day
        if found := _DATE.search(question):
            first, second = int(found[1]), int(found[2])
            month, number = (first, second) if language == "en" else (second, first)
            return _coming(today, month, number)
        for word, days in _RELATIVE.get(language, {}).items():
            if word in words:
                return today + timedelta(days=days)
        for weekday, name in enumerate(_WEEKDAYS.get(language, ())):
            if name in words or f"{name}s" in words:
                return today + timedelta(days=(weekday - today.weekday()) % 7)
        return None

    def _day_name(self, day: date, today: date) -> str:
        _ = translations(self._language).gettext
        if day == today:
            return _("today")
        return _("tomorrow") if day == today + timedelta(days=1) else self._dated(day)

    def _dated(self, day: date) -> str:
        short = "dd/MM" if self._language.startswith("pt") else "MMMM d"
        name = format_date(day, "EEEE", locale=self._language)
        return f"{name}, {format_date(day, short, locale=self._language)}"


def _coming(today: date, month: int, number: int) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
