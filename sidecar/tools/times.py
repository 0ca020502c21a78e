"""Instants of the ERP on the tenant's clock, and back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from sidecar.context import TenantContext
from sidecar.tools.problems import ToolProblem


def day_text(tenant: TenantContext, day: date) -> str:
    """`sexta-feira, 27/11/2026`, as the tenant's people write it."""
    weekday = format_date(day, "EEEE", locale=tenant.language)
    short = "MM/dd/yyyy" if tenant.language == "en_US" else "dd/MM/yyyy"
    return f"{weekday}, {format_date(day, short, locale=tenant.language)}"


def local_text(tenant: TenantContext, told: str | bool) -> str:
    """An ISO date or instant of the ERP in words; "" for `false`."""
    if not told:
        return ""
    text = str(told)
    if len(text) == 10:
        return day_text(tenant, date.fromisoformat(text))
    moment = local(tenant, text)
    return f"{day_text(tenant, moment.date())}, {moment:%H:%M}"


def last_minute(tenant: TenantContext, end: str | bool) -> str:
    """The last minute before `end`, the first moment outside, in words; "" for `false`."""
    if not end:
        return ""
    moment = local(tenant, str(end)) - timedelta(minutes=1)
    return f"{day_text(tenant, moment.date())}, {moment:%H:%M}"


def local(tenant: TenantContext, told: str) -> datetime:
    """An instant (UTC where it names no zone) on the tenant's clock."""
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(tenant.timezone))


def instant_of(tenant: TenantContext, wall: str) -> str:
    """What a model calls `2026-11-27T09:00` on the tenant's clock, in UTC with `Z`.

    ToolProblem for anything else.
    """
    try:
        moment = datetime.fromisoformat(wall.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(tenant.timezone))
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        raise ToolProblem(
            "invalid_arguments", "start must be a local time such as 2026-11-27T09:00."
        ) from None
