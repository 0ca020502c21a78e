"""Plain records of allowed models and fields, for analytics and for MCP keys of the shop."""

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from sidecar.tools.answers import Answer
from sidecar.tools.arguments import Arguments, Id, Name, one_line
from sidecar.tools.context import ToolContext
from sidecar.tools.problems import ToolProblem
from sidecar.tools.tool import tool

_ANALYTICS = ("analytics",)
_FIELDS = Field([], max_length=20, description="Empty = the telling ones.")
_BY_DEFAULT = 8
# what is looked for first, in any model
_TELLING = (
    "name", "default_code", "partner_id", "order_id", "product_id", "categ_id", "state",
    "payment_state", "date_order", "invoice_date", "invoice_date_due", "product_uom_qty",
    "quantity", "amount_total", "amount_residual", "price_total", "list_price", "currency_id",
    "email", "phone", "city",
)  # fmt: skip
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "ilike"]
_MOST_VALUES, _LONGEST_VALUE, _WHOLE = 200, 200, 2**31  # XML-RPC knows integers of 32 bits


def _comparable(value: Any) -> Any:
    """A value that a field may be compared with; ValueError for others, before the ERP is asked."""
    if isinstance(value, list):
        if len(value) > _MOST_VALUES:
            raise ValueError(f"has more than {_MOST_VALUES} values")
        return [_comparable(one) for one in value]
    if isinstance(value, str):
        if len(value) > _LONGEST_VALUE:
            raise ValueError(f"has more than {_LONGEST_VALUE} characters")
        return one_line(value)
    if isinstance(value, int) and -_WHOLE <= value < _WHOLE:
        return value
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


Value = Annotated[
    str | int | float | bool | list[str | int | float],
    AfterValidator(_comparable),
]


class Condition(Arguments):
    field: Name
    operator: Operator = "="
    value: Value


Conditions = Field([], max_length=10, description="All must hold.")


class RecordSearch(Arguments):
    model: Name
    conditions: list[Condition] = Conditions
    fields: list[Name] = _FIELDS
    limit: int = Field(10, ge=1, le=100)
    order: Name = Field("", description="As date_order desc.")


class Rows(Answer):
    model: str
    rows: list[dict[str, Any]]


@tool("record_search", "records", _ANALYTICS, staff=True)
def record_search(context: ToolContext, arguments: RecordSearch) -> Rows:
    """Records of an allowed model (sale.order, product.template …) that meet conditions. A wrong
    model or field is answered with the names there are. For sums use record_group."""
    known = _model(context, arguments.model)
    fields = _fields(known, arguments.fields)
    rows = context.proxy.search_records(
        arguments.model,
        _domain(known, arguments.conditions),
        fields,
        arguments.limit,
        _order(known, arguments.order),
    )
    return Rows(model=arguments.model, rows=_only(rows, fields))


class RecordRead(Arguments):
    model: Name
    ids: list[Id] = Field(min_length=1, max_length=100)
    fields: list[Name] = _FIELDS


@tool("record_read", "records", _ANALYTICS, staff=True)
def record_read(context: ToolContext, arguments: RecordRead) -> Rows:
    """Records of an allowed model by their ids."""
    known = _model(context, arguments.model)
    fields = _fields(known, arguments.fields)
    rows = context.proxy.read_records(arguments.model, arguments.ids, fields)
    return Rows(model=arguments.model, rows=_only(rows, fields))


class RecordGroup(Arguments):
    model: Name
    conditions: list[Condition] = Conditions
    groupby: list[Name] = Field([], max_length=3, description="As state, date_order:month.")
    aggregates: list[Name] = Field(
        ["__count"], max_length=5, description="As amount_total:sum, __count."
    )
    limit: int = Field(20, ge=1, le=100)


@tool("record_group", "records", _ANALYTICS, staff=True)
def record_group(context: ToolContext, arguments: RecordGroup) -> Rows:
    """Counts and sums of an allowed model by groups, computed by the ERP: sales by month, orders
    by state. Use it in place of reading records and adding up."""
    known = _model(context, arguments.model)
    for name in (*arguments.groupby, *arguments.aggregates):
        if name != "__count":
            _require(known, [name.partition(":")[0]])
    rows = context.proxy.group_records(
        arguments.model,
        _domain(known, arguments.conditions),
        arguments.groupby,
        arguments.aggregates,
        arguments.limit,
    )
    return Rows(
        model=arguments.model, rows=_only(rows, [*arguments.groupby, *arguments.aggregates])
    )


def _model(context: ToolContext, name: str) -> dict[str, Any]:
    """The readable fields of a model."""
    models = context.proxy.readable_models()
    if name not in models:
        raise ToolProblem(
            "invalid_arguments", f"This model is not readable; use one of: {', '.join(models)}."
        )
    return models[name]


def _fields(known: dict[str, Any], wanted: list[str]) -> list[str]:
    _require(known, wanted)
    telling = [name for name in (*_TELLING, *known) if name in known and name != "id"]
    return list(dict.fromkeys(wanted)) or list(dict.fromkeys(telling))[:_BY_DEFAULT]


def _domain(known: dict[str, Any], conditions: list[Condition]) -> list[list[Any]]:
    _require(known, [condition.field for condition in conditions])
    return [[each.field, each.operator, each.value] for each in conditions]


def _order(known: dict[str, Any], order: str) -> str | None:
    if not order:
        return None
    name, _, direction = order.partition(" ")
    _require(known, [name])
    if direction.strip().lower() not in ("", "asc", "desc"):
        raise ToolProblem("invalid_arguments", "order is a field, then asc or desc.")
    return order


def _require(known: dict[str, Any], names: list[str]) -> None:
    wrong = [name for name in names if name != "id" and name not in known]
    if wrong:
        raise ToolProblem(
            "invalid_arguments",
            f"Not readable: {', '.join(wrong)[:100]}; use fields of: {', '.join(known)}.",
        )


def _only(rows: list[dict[str, Any]], fields: list[str]) -> list[dict[str, Any]]:
    """What was asked for, whatever the ERP sent."""
    kept = ("id", *fields)
    return [{name: row[name] for name in kept if name in row} for row in rows]
