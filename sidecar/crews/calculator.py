"""Sums, installments and percentages with Decimal, of figures that were read in this turn only.

So a model may compute, and cannot make a figure of its own: every amount has to be in the evidence,
and a percentage too.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from babel.numbers import get_currency_precision
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.claims.figures import figures
from sidecar.crews.checking.known import Known
from sidecar.llm.sentences import money

NAME = "calculate"
DESCRIPTION = (
    "Compute with amounts that the facts or a tool told: add, subtract, times (amount × count),"
    " installments (amount ÷ count), percent_of and discount (amount, percent). Never compute"
    " yourself; say the result as it is given."
)
_Amount = Annotated[Decimal, Field(gt=0, le=10_000_000)]


class Sum(BaseModel):
    """Arguments of the tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: Literal["add", "subtract", "times", "installments", "percent_of", "discount"]
    amounts: list[_Amount] = Field(min_length=1, max_length=20, description="Numbers: 2790.0")
    count: int = Field(1, ge=1, le=1000, description="For times and installments.")
    percent: Decimal = Field(Decimal(0), ge=0, le=100, description="For percent_of and discount.")


def schema() -> dict[str, Any]:
    """JSON Schema of the arguments."""
    number = {"type": "number"}
    operations = ["add", "subtract", "times", "installments", "percent_of", "discount"]
    return {
        "type": "object",
        "properties": {
            "operation": {"type": "string", "enum": operations},
            "amounts": {"type": "array", "items": number},
            "count": {"type": "integer"},
            "percent": number,
        },
        "required": ["operation", "amounts"],
        "additionalProperties": False,
    }


def calculate(raw: dict[str, Any], known: Known, currency: str, language: str) -> dict[str, Any]:
    """`{"result": {"value", "text"}}`, or `{"error", "code"}` as tools have it.

    The result is recorded as evidence. language: Odoo's code, for the text.
    """
    try:
        asked = Sum.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return _refused(f"{'.'.join(map(str, first['loc']))[:40]}: {first['msg']}.")
    read = {amount for amounts in known.money.values() for amount in amounts}
    strange = [value for value in asked.amounts if round(float(value), 2) not in read]
    if strange:
        return _refused("Only amounts that the facts or a tool told in this turn can be computed.")
    if asked.operation in ("percent_of", "discount") and float(asked.percent) not in known.percents:
        return _refused("No fact tells that percentage.")
    if asked.operation == "installments" and not _may_divide(asked.count, known):
        return _refused("No fact tells that many installments.")
    if asked.operation in ("subtract",) and len(asked.amounts) != 2:
        return _refused("subtract takes two amounts.")
    unit = Decimal(1).scaleb(-get_currency_precision(currency))
    value = float(_of(asked).quantize(unit))
    told = {"result": {"value": value, "text": money(value, currency, language)}}
    known.evidence.add("computed:calculation", told)
    return told


def _of(asked: Sum) -> Decimal:
    total = sum(asked.amounts, Decimal(0))
    match asked.operation:
        case "subtract":
            return asked.amounts[0] - asked.amounts[1]
        case "times":
            return total * asked.count
        case "installments":
            return total / asked.count
        case "percent_of":
            return total * asked.percent / 100
        case "discount":
            return total * (100 - asked.percent) / 100
    return total


def _may_divide(count: int, known: Known) -> bool:
    told = {
        int(figure.value)
        for text in known.texts
        for language in ("pt", "en", "es")
        for figure in figures(text, language)
        if figure.noun == "vez"
    }
    told |= {
        int(leaf.value)
        for leaf in known.leaves
        if leaf.key in ("installments_max", "installments_free", "count")
    }
    return 2 <= count <= max(told, default=0)


def _refused(sentence: str) -> dict[str, Any]:
    return {"error": sentence, "code": "refused"}
