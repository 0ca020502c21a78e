"""The services that can be booked, and their free times."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sidecar.tools.context import ToolContext
from sidecar.tools.folding import folded
from sidecar.tools.offered import offered
from sidecar.tools.problems import ToolProblem
from sidecar.tools.times import instant_of, local

_MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Service:
    """A scheduling rule (docs/rules.md). minutes: how long it takes. ask: what has to be known."""

    id: int
    name: str
    minutes: int
    ask: list[str]
    policy: str


def services(context: ToolContext) -> list[Service]:
    """All services of the tenant; none where its ERP has no calendar."""
    ids = (offered(context.proxy.rule_ids) or {}).get("scheduling", [])
    refs = [("scheduling", record) for record in ids]
    facts = context.proxy.rule_facts(refs) if refs else []
    return [_service(fact) for fact in facts if "scheduling" in fact["structure"]]


def the_service(context: ToolContext, name: str) -> Service:
    """The one service that `name` means; "" = the only one there is. ToolProblem lists them."""
    known = services(context)
    if not known:
        raise ToolProblem("unsupported", "The shop takes no bookings. Hand over to a person.")
    wanted = folded(name)
    exact = [s for s in known if folded(s.name) == wanted]
    near = exact or [s for s in known if wanted in folded(s.name) or folded(s.name) in wanted]
    if len(near) == 1:
        return near[0]
    names = "; ".join(service.name for service in known)
    raise ToolProblem("invalid_arguments", f"Name one service of these: {names}.")


def free_times(
    context: ToolContext, service: Service, first: date, days: int, limit: int
) -> list[dict[str, Any]]:
    """Free times of a service from a day on, as the façade tells them, the coming ones."""
    last = first + timedelta(days=min(days, _MOST_DAYS) - 1)
    return context.proxy.free_slots(service.id, first.isoformat(), last.isoformat(), limit)


def require_free(context: ToolContext, service: Service, start: str) -> str:
    """The instant of `start` (local), when it is free; ToolProblem names the nearest free times.

    The ERP decides again when it books.
    """
    wanted = instant_of(context.tenant, start)
    day = local(context.tenant, wanted).date()
    slots = free_times(context, service, day, 1, 100)
    if any(_same(slot["start"], wanted) for slot in slots):
        return wanted
    near = [f"{local(context.tenant, slot['start']):%H:%M}" for slot in slots[:8]]
    told = f"Free on that day: {', '.join(near)}." if near else "That day has no free time."
    raise ToolProblem("refused", f"That time is not free. {told} calendar_slots tells other days.")


def _same(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


def _service(fact: dict[str, Any]) -> Service:
    told = fact["structure"]["scheduling"]
    information = told.get("information") or []
    if isinstance(information, str):
        information = information.split("\n")
    return Service(
        id=fact["id"],
        name=fact["title"],
        minutes=told.get("duration") or 0,
        ask=[line.strip() for line in information if line.strip()],
        policy=told.get("cancellation_policy") or "",
    )
