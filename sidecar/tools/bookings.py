"""Appointments: free times for everybody, the customer's own bookings for themselves."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from sidecar.tools.answers import Answer, Told, shortened
from sidecar.tools.arguments import Arguments, Id, Name, Nothing, Words, WriteArguments
from sidecar.tools.context import ToolContext
from sidecar.tools.problems import ToolProblem
from sidecar.tools.services import Service, free_times, require_free, services, the_service
from sidecar.tools.times import day_text, instant_of, local, local_text
from sidecar.tools.tool import TALKING, tool

_MOST_BOOKINGS = 20
_NOTICE = "Local time of the shop, such as 2026-11-27T09:00."


class SlotQuestion(Arguments):
    service: Name = Field("", description="Which one; empty lists them where there are several.")
    first_day: date | None = Field(None, description="From this day on; empty = today.")
    days: int = Field(14, ge=1, le=60)
    limit: int = Field(10, ge=1, le=40)


class ServiceRow(Told):
    name: str
    minutes: int = 0
    ask: list[str] = Field([], description="What has to be asked before booking.")
    policy: str = ""


class Slot(Told):
    start: str
    time: str


class Day(Told):
    day: str
    slots: list[Slot]


class Slots(Answer):
    services: list[ServiceRow] = []
    service: ServiceRow | None = None
    days: list[Day] = []


@tool("calendar_slots", "calendar", TALKING)
def calendar_slots(context: ToolContext, arguments: SlotQuestion) -> Slots:
    """Free times of a service, by day on the shop's clock. Without a service and with several of
    them: the services.

    Offer only these times.
    """
    if not arguments.service:
        known = services(context)
        if len(known) > 1:
            return Slots(services=[_service_row(each) for each in known])
    service = the_service(context, arguments.service)
    today = datetime.fromtimestamp(context.clock(), ZoneInfo(context.tenant.timezone)).date()
    first = max(arguments.first_day or today, today)
    days: dict[date, list[Slot]] = {}
    for slot in free_times(context, service, first, arguments.days, arguments.limit):
        start = local(context.tenant, slot["start"])
        told = Slot(start=f"{start:%Y-%m-%dT%H:%M}", time=f"{start:%H:%M}")
        days.setdefault(start.date(), []).append(told)
    return Slots(
        service=_service_row(service),
        days=[Day(day=day_text(context.tenant, d), slots=s) for d, s in days.items()],
    )


class Booking(Told):
    booking_id: int
    service: str
    start: str
    state: str
    resource: str = ""


class Bookings(Answer):
    bookings: list[Booking]


@tool("calendar_bookings", "calendar", TALKING, personal=True)
def calendar_bookings(context: ToolContext, arguments: Nothing) -> Bookings:
    """The customer's own coming bookings.

    Nobody else's.
    """
    rows = context.proxy.bookings(context.partner_id, _MOST_BOOKINGS)
    return Bookings(bookings=[_booking(context, row) for row in rows])


class NewBooking(WriteArguments):
    service: Words
    start: Words = Field(description=_NOTICE)
    answers: dict[Name, Words] = Field(
        {}, max_length=10, description="What the service asks for, as the customer said it."
    )


class PreviewBooking(Answer):
    customer: str
    service: str
    start: str
    before: str = Field("", description="When it was until now.")
    answers: dict[str, str] = {}
    still_to_ask: list[str] = []
    policy: str = ""


class Booked(Answer):
    booking: Booking


def _preview_new(context: ToolContext, arguments: NewBooking) -> PreviewBooking:
    service = the_service(context, arguments.service)
    start = require_free(context, service, arguments.start)
    return PreviewBooking(
        customer=context.person.name,
        service=service.name,
        start=local_text(context.tenant, start),
        answers=arguments.answers,
        still_to_ask=[] if arguments.answers else service.ask,
        policy=shortened(service.policy, 300),
    )


@tool("calendar_book", "calendar", TALKING, preview=_preview_new, personal=True)
def calendar_book(context: ToolContext, arguments: NewBooking, key: str) -> Booked:
    """Book a free time of a service for the customer. Ask first what the service wants to know."""
    service = the_service(context, arguments.service)
    start = instant_of(context.tenant, arguments.start)
    row = context.proxy.write(
        "book", context.partner_id, service.id, start, arguments.answers, key, context.who
    )
    return Booked(booking=_booking(context, row))


class Move(WriteArguments):
    booking_id: Id
    start: Words = Field(description=_NOTICE)


def _preview_move(context: ToolContext, arguments: Move) -> PreviewBooking:
    row = _own_booking(context, arguments.booking_id)
    service = next((s for s in services(context) if s.id == row["rule_id"]), None)
    if service is None:
        raise ToolProblem("refused", "This booking cannot be moved here. Hand over to a person.")
    start = require_free(context, service, arguments.start)
    return PreviewBooking(
        customer=context.person.name,
        service=row["service"],
        start=local_text(context.tenant, start),
        before=local_text(context.tenant, row["start"]),
    )


@tool("calendar_move", "calendar", TALKING, preview=_preview_move, personal=True)
def calendar_move(context: ToolContext, arguments: Move, key: str) -> Booked:
    """Move the customer's own coming booking to another free time of the same service."""
    start = instant_of(context.tenant, arguments.start)
    row = context.proxy.write(
        "move_booking", context.partner_id, arguments.booking_id, start, key, context.who
    )
    return Booked(booking=_booking(context, row))


class Cancel(WriteArguments):
    booking_id: Id


def _preview_cancel(context: ToolContext, arguments: Cancel) -> PreviewBooking:
    row = _own_booking(context, arguments.booking_id)
    service = next((s for s in services(context) if s.id == row["rule_id"]), None)
    return PreviewBooking(
        customer=context.person.name,
        service=row["service"],
        start=local_text(context.tenant, row["start"]),
        policy=shortened(service.policy, 300) if service else "",
    )


@tool(
    "calendar_cancel", "calendar", TALKING, preview=_preview_cancel, personal=True,
    destructive=True,
)  # fmt: skip
def calendar_cancel(context: ToolContext, arguments: Cancel, key: str) -> Booked:
    """Cancel the customer's own coming booking."""
    row = context.proxy.write(
        "cancel_booking", context.partner_id, arguments.booking_id, key, context.who
    )
    return Booked(booking=_booking(context, row))


def _own_booking(context: ToolContext, booking_id: int) -> dict[str, Any]:
    rows = context.proxy.bookings(context.partner_id, _MOST_BOOKINGS)
    found = next((row for row in rows if row["id"] == booking_id), None)
    if found is None:
        raise ToolProblem(
            "not_found",
            "This customer has no such coming booking; calendar_bookings tells theirs.",
        )
    return found


def _booking(context: ToolContext, row: dict[str, Any]) -> Booking:
    return Booking(
        booking_id=row["id"],
        service=row["service"],
        start=local_text(context.tenant, row["start"]),
        state=row["state"],
        resource=row["resource"] or "",
    )


def _service_row(service: Service) -> ServiceRow:
    return ServiceRow(
        name=service.name,
        minutes=service.minutes,
        ask=service.ask,
        policy=shortened(service.policy, 300),
    )
