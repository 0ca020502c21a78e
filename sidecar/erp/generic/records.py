"""What an ERP may send: one model for each kind, and a row's way to a record that is kept."""

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sidecar.erp.generic.values import (
    Currency,
    Day,
    Email,
    Instant,
    Link,
    Name,
    Number,
    OwnId,
    Phone,
    Prose,
    Quantity,
    Truth,
    Words,
    dialed,
)
from sidecar.tenants.pushing import Kind

END = "\0"  # ends a part of an index entry; no text has it
_AHEAD = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadRow(ValueError):
    """A row that cannot be kept. `field` and the message never repeat its values."""

    def __init__(self, field: str, problem: str, own_id: str = ""):
        super().__init__(problem)
        self.field, self.problem, self.own_id = field, problem, own_id


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Row(_Part):
    """updated_at, version: how new the record is in the ERP."""

    id: OwnId
    updated_at: Instant | None = None
    version: Annotated[int, Field(ge=0, lt=10**18)] | None = None
    deleted: Truth = False


class Removal(_Row):
    """A record that is no more; the rest of its row does not matter."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Place(_Part):
    name: Name
    stock: Number


class Arrival(_Part):
    date: Day
    quantity: Quantity


class Attribute(_Part):
    name: Name
    values: Annotated[list[Name], Field(max_length=50)]


class Variant(_Part):
    id: OwnId
    name: Name
    attributes: Annotated[dict[Name, Name], Field(max_length=20)] = {}
    code: Words = ""
    barcode: Words = ""
    price: Quantity | None = None
    stock: Number | None = None


def _attributes(given: Any) -> Any:
    """`{"Cor": "Azul"}` and `{"Cor": ["Azul", "Cinza"]}` for the list of attributes."""
    if not isinstance(given, dict):
        return given
    listed = {name: v if isinstance(v, list) else [v] for name, v in given.items()}
    return [
        {"name": name, "values": [v for v in values if v not in (None, "")]}
        for name, values in listed.items()
        if any(v not in (None, "") for v in values)
    ]


class Product(_Row):
    """price: what a customer pays, taxes included. stock: what is free, None = not counted."""

    name: Name
    active: Truth = True
    type: Literal["goods", "service"] = "goods"
    category: Words = ""
    code: Words = ""
    barcode: Words = ""
    price: Quantity
    currency: Currency | None = None
    unit: Words = ""
    weight: Quantity = 0.0
    volume: Quantity = 0.0
    stock: Number | None = None
    on_hand: Number | None = None
    forecast: Number | None = None
    warehouses: Annotated[list[Place], Field(max_length=50)] = []
    next_arrival: Arrival | None = None
    description: Prose = ""
    attributes: Annotated[list[Attribute], BeforeValidator(_attributes), Field(max_length=50)] = []
    tags: Annotated[list[Name], Field(max_length=50)] = []
    variants: Annotated[list[Variant], Field(max_length=200)] = []
    image_url: Link = ""
    alternatives: Annotated[list[OwnId], Field(max_length=20)] = []
    accessories: Annotated[list[OwnId], Field(max_length=20)] = []
    dimensions: Words = ""
    warranty: Words = ""


class Address(_Part):
    kind: Literal["main", "delivery", "invoice"] = "main"
    text: Words


class Customer(_Row):
    """email and phone are how a customer is found; they prove nothing by themselves."""

    name: Name
    active: Truth = True
    email: Email = ""
    phone: Phone = ""
    mobile: Phone = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3}(_[A-Z]{2})?)?$")] = ""
    since: Day | None = None
    addresses: Annotated[list[Address], Field(max_length=10)] = []


class Line(_Part):
    name: Name
    quantity: Number
    delivered: Number = 0.0
    unit_price: Number
    total: Number


class Delivery(_Part):
    name: Words = ""
    state: Literal["waiting", "ready", "done", "cancelled"]
    scheduled: Instant | None = None
    done: Instant | None = None
    carrier: Words = ""
    tracking: Words = ""
    tracking_url: Link = ""


class Order(_Row):
    """customer_id: the customer's own id in the ERP. name: what the customer knows it by."""

    customer_id: OwnId
    name: Words = ""
    date: Instant
    state: Literal["quotation", "order", "done", "cancelled"]
    total: Number
    currency: Currency | None = None
    lines: Annotated[list[Line], Field(max_length=200)] = []
    deliveries: Annotated[list[Delivery], Field(max_length=50)] = []
    invoiced: Literal["no", "to invoice", "invoiced"] = "no"
    url: Link = ""


MODELS: dict[Kind, type[_Row]] = {"products": Product, "customers": Customer, "orders": Order}


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it is kept. stamp: how new it is, "" = not told. blob: b"" = removed.

    live: whether it can be listed. index: what it is found by. customer: whom it is about, by the
    ERP's id, "" = nobody.
    """

    own_id: str
    stamp: str
    hash: str
    blob: bytes
    live: bool
    index: tuple[str, ...] = ()
    customer: str = ""


def kept_of(kind: Kind, row: Any, zone: str, phone_country: str | None, now: datetime) -> Kept:
    """The record of a row (our field names). BadRow says what is wrong with it.

    zone: of times without an offset.
    """
    if not isinstance(row, dict):
        raise BadRow("", "must be an object")
    told = {key: value for key, value in row.items() if value is not None}
    context = {"zone": zone, "phone_country": phone_country}
    try:
        removed = Removal.model_validate(told, context=context)
        record = removed if removed.deleted else MODELS[kind].model_validate(told, context=context)
    except ValidationError as error:
        raise _problem(error, told) from None
    stamp = _stamp(record, now)
    customer = record.id if kind == "customers" else getattr(record, "customer_id", "")
    if record.deleted:
        return Kept(record.id, stamp, "removed", b"", live=False, customer=customer)
    content = record.model_dump(mode="json", exclude={"updated_at", "version", "deleted"})
    text = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return Kept(
        record.id,
        stamp,
        hashlib.sha256(text).hexdigest()[:32],
        zlib.compress(text, 6),
        live=getattr(record, "active", True),
        index=_index(record),
        customer=customer,
    )


def record_of(blob: bytes) -> dict[str, Any]:
    """What was kept."""
    return json.loads(zlib.decompress(blob))


def contact(kind: Literal["phone", "email"], value: str) -> str:
    """The index entry of a customer's number or address begins so."""
    return f"{kind}{END}{dialed(value) if kind == 'phone' else value.lower()}{END}"


def customers_orders(customer_id: str) -> str:
    """The index entry of a customer's order begins so; its date follows."""
    return f"customer{END}{customer_id}{END}"


def named_order(customer_id: str, name: str) -> str:
    """The index entry of a customer's order of that name begins so."""
    return f"named{END}{customer_id}{END}{name}{END}"


def _index(record: _Row) -> tuple[str, ...]:
    match record:
        case Customer(active=True):
            numbers = {dialed(n) for n in (record.phone, record.mobile) if n}
            found = [contact("phone", number) for number in sorted(numbers)]
            return (*found, *([contact("email", record.email)] if record.email else []))
        case Order():
            name = record.name or record.id
            return (
                f"{customers_orders(record.customer_id)}{record.date}{END}",
                named_order(record.customer_id, name),
            )
        case _:
            return ()


def _stamp(record: _Row, now: datetime) -> str:
    """Comparable within its kind (v: version, t: time); equal length, digits after the letter."""
    if record.version is not None:
        return f"v{record.version:020d}"
    if record.updated_at is None:
        return ""
    moment = datetime.fromisoformat(record.updated_at)
    if moment > now + _AHEAD:  # it would win against every later change
        raise BadRow("updated_at", "lies in the future: mend the ERP's clock", record.id)
    return f"t{max(0, (moment - _EPOCH) // timedelta(microseconds=1)):020d}"


def _problem(error: ValidationError, row: dict[str, Any]) -> BadRow:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part)[:64] for part in first["loc"])
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        problem = "is no field of ours: leave it out, or name it in a mapping"
    own = row.get("id")
    return BadRow(field, problem, str(own)[:128] if isinstance(own, str | int) else "")
