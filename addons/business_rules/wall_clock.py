"""From what a clock on the shop's wall shows to an instant, and back. Plain Python without Odoo.

Instants are aware datetimes in UTC. A moment of the wall is a date and minutes from its midnight;
more than 1440 minutes is the next day. Twice a year that is not one to one: what a clock skips
means the first instant after the jump, what it shows twice means the first time.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes


def instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return when the clock of `zone` shows `minutes` after midnight of `day`."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if wall_time(moment, zone) == wall:
        return moment
    # The clock skips this minute: the offset before the jump led past it, the one after it leads
    # to before it, so the jump lies between both.
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while wall_time(early, zone) < wall:
        early += timedelta(minutes=1)
    return early


def wall_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clock of `zone` shows at the instant `moment`, as a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of `day` and the first of the day after it."""
    return instant(day, 0, zone), instant(day, DAY, zone)


def clock_text(minutes: int) -> str:
    """Return minutes from midnight as HH:MM; 1440 is 24:00, 1500 is 01:00 (of the next day)."""
    if minutes > DAY:
        minutes -= DAY
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def iso_text(moment: datetime | None) -> str | bool:
    """Return a naive datetime in UTC as ISO text with Z, False for none."""
    return f"{moment.isoformat(timespec='seconds')}Z" if moment else False


def minutes_of(hours: float) -> int:
    """Return hours as Odoo's time fields keep them (9.5) in whole minutes."""
    return round(hours * 60)
