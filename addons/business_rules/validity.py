"""From when until when a temporary rule holds. Plain Python without Odoo.

A form says dates, perhaps with times, on the shop's clock, and means them inclusively: "until
30/11" ends with that day, "until 30/11 18:00" with that minute. What is computed here are instants
of which the first is inside and the last is the first one outside.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from .wall_clock import DAY, instant


def bounds(
    first: date | None,
    last: date | None,
    zone: ZoneInfo,
    first_minute: int | None = None,
    last_minute: int | None = None,
) -> tuple[datetime | None, datetime | None]:
    """Return (start, end) as instants, None where there is no limit."""
    start = end = None
    if first:
        start = instant(first, first_minute or 0, zone)
    if last:
        end = instant(last, DAY if last_minute is None else last_minute + 1, zone)
    return start, end


def state(stage: str, start: datetime | None, end: datetime | None, now: datetime) -> str:
    """Return draft, upcoming, active, expired or cancelled.

    stage: what a person decided (draft, confirmed or cancelled); the rest the clock decides.
    """
    if stage in ("draft", "cancelled"):
        return stage
    if end and now >= end:
        return "expired"
    if start and now < start:
        return "upcoming"
    return "active"
