"""Free appointments: windows − busy times − buffers − notice. Plain Python without Odoo.

Everything that is compared is an instant (aware datetime in UTC); only the windows are read off a
wall clock, by `hours.Schedule`. So an hour that a clock skips offers nothing, and one that it shows
twice is offered twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .hours import Schedule
from .wall_clock import day_bounds, wall_time

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Terms:
    """How a service is booked; all in minutes but the horizon, which is in days."""

    duration: int
    buffer: int = 0
    notice: int = 0
    horizon: int = 30
    step: int = 30


@dataclass(frozen=True)
class Slot:
    start: datetime
    end: datetime
    resource: str


def free_slots(
    schedule: Schedule,
    terms: Terms,
    busy: Mapping[str, Iterable[Interval]],
    *,
    now: datetime,
    first: date,
    last: date,
    limit: int,
    shop: Schedule | None = None,
) -> list[Slot]:
    """Return up to `limit` free slots from the date `first` to `last`, the earliest first.

    busy: the busy times of each resource, by name; without any resource the windows alone count.
    A time that several resources have free is one slot, of the first of them. shop: its
    exceptional days are closed here too, or cut to the hours they have.
    """
    resources = {name: sorted(times) for name, times in busy.items()} or {"": []}
    earliest = now + timedelta(minutes=terms.notice)
    end_of_horizon = wall_time(now, schedule.zone).date() + timedelta(days=terms.horizon)
    day, last = max(first, wall_time(now, schedule.zone).date()), min(last, end_of_horizon)
    found: list[Slot] = []
    while day <= last and len(found) < limit:
        for window in _windows(schedule, shop, day):
            for start, end in _grid(window, terms):
                if start < earliest:
                    continue
                name = _free(resources, start, end, terms.buffer)
                if name is not None:
                    found.append(Slot(start, end, name))
                if len(found) >= limit:
                    return found
        day += timedelta(days=1)
    return found


def whole_days(first: date, last: date, schedule: Schedule) -> Interval:
    """Return the instants that the dates `first` to `last` cover; for all-day events."""
    return day_bounds(first, schedule.zone)[0], day_bounds(last, schedule.zone)[1]


def _windows(schedule, shop, day):
    windows = schedule.openings(day)
    if shop is None or day not in shop.exceptions:
        return windows
    cut = [
        (max(start, opens), min(end, closes))
        for start, end in windows
        for opens, closes in shop.openings(day)
    ]
    return [(start, end) for start, end in cut if start < end]


def _grid(window, terms):
    start, closing = window
    length = timedelta(minutes=terms.duration)
    while start + length <= closing:
        yield start, start + length
        start += timedelta(minutes=terms.step)


def _free(resources, start, end, buffer):
    pause = timedelta(minutes=buffer)
    for name, times in resources.items():
        if not any(begin < end + pause and start - pause < finish for begin, finish in times):
            return name
    return None
