"""Opening hours by the clock. Plain Python without Odoo.

A day has windows, minutes from its midnight: open from the first minute on, closed from the last
one on (09:00–18:00 is closed at 18:00). A window that ends after midnight ends past 1440.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .wall_clock import DAY, clock_text, instant, wall_time

HORIZON = 370  # days in which the next opening is looked for
REASONS = ("open", "lunch", "before", "after", "closed_day", "exception", "unknown")

Window = tuple[int, int]


@dataclass(frozen=True)
class ExceptionDay:
    """A date with hours of its own: `windows` empty = closed; `name` as in "Natal"."""

    windows: tuple[Window, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Schedule:
    """week: windows per weekday (0 = Monday), exceptions: dates that differ from their weekday."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Window, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, ExceptionDay] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """False while nobody has said when it is open at all."""
        return bool(self.week)

    def windows(self, day: date) -> tuple[Window, ...]:
        """Return the windows of `day` in their order."""
        if day in self.exceptions:
            return tuple(sorted(self.exceptions[day].windows))
        return tuple(sorted(self.week.get(day.weekday(), ())))

    def openings(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the windows of `day` as instants; one that the clock skips is left out."""
        found = [
            (instant(day, start, self.zone), instant(day, end, self.zone))
            for start, end in self.windows(day)
        ]
        return [(start, end) for start, end in found if start < end]


@dataclass(frozen=True)
class OpenState:
    """What to answer to "are you open?".

    reason: one of REASONS; name: of the exceptional day; since, until: of the window that is open;
    today: the windows of the wall's date; next_opening: an instant, None = not within a year.
    """

    open: bool
    reason: str
    name: str = ""
    until: datetime | None = None
    today: tuple[Window, ...] = ()
    next_opening: datetime | None = None


def open_state(schedule: Schedule, now: datetime) -> OpenState:
    """Return whether it is open at the instant `now`, why not, and when it opens again."""
    wall = wall_time(now, schedule.zone)
    today = wall.date()
    if not schedule.known and today not in schedule.exceptions:
        return OpenState(False, "unknown")
    windows = schedule.windows(today)
    exception = schedule.exceptions.get(today)
    name = exception.name if exception else ""
    # Yesterday's last window may end after midnight.
    for day in (today - timedelta(days=1), today):
        for start, end in schedule.openings(day):
            if start <= now < end:
                until = _closing(schedule, day, end)
                return OpenState(True, "open", name, until, windows, None)
    minute = wall.hour * 60 + wall.minute
    following = next_opening(schedule, now)
    return OpenState(
        False, _reason(windows, exception, minute), name, today=windows, next_opening=following
    )


def next_opening(schedule: Schedule, now: datetime) -> datetime | None:
    """Return the first instant after `now` at which a window begins, None within HORIZON days."""
    today = wall_time(now, schedule.zone).date()
    for days in range(HORIZON):
        for start, _end in schedule.openings(today + timedelta(days=days)):
            if start > now:
                return start
    return None


def window_texts(windows: tuple[Window, ...]) -> list[list[str]]:
    """Return [["09:00", "18:00"], …] of windows."""
    return [[clock_text(start), clock_text(end)] for start, end in sorted(windows)]


def day_text(windows: tuple[Window, ...], closed: str, joint: str) -> str:
    """Return windows as words: "08:00–12:00 and 13:00–18:00", or `closed` without any."""
    texts = [f"{clock_text(start)}–{clock_text(end)}" for start, end in windows]
    return joint.join(texts) or closed


def day_windows(opens: int, closes: int, lunch_from: int, lunch_to: int) -> tuple[Window, ...]:
    """Return the windows of a day that opens and closes once, with a break in between.

    Minutes from midnight; closes ≤ opens means after midnight. A break outside of the opening
    hours, or one that ends before it begins, is none.
    """
    if closes <= opens:
        closes += DAY
    if opens < lunch_from < lunch_to < closes:
        return ((opens, lunch_from), (lunch_to, closes))
    return ((opens, closes),)


def _closing(schedule, day, end):
    """Return when it really closes: two windows that meet, at midnight say, are one opening."""
    for following in (day, day + timedelta(days=1)):
        for start, later in schedule.openings(following):
            if start <= end < later:
                end = later
    return end


def _reason(windows, exception, minute):
    if not windows:
        return "exception" if exception else "closed_day"
    if minute < windows[0][0]:
        return "before"
    if minute >= windows[-1][1]:
        return "after"
    return "lunch"
