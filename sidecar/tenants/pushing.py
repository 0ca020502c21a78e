"""`integrations.mcp` of an ERP that sends its data (`rest-generic`, docs/erp-client.md).

A mapping says, field by field of ours, where it stands in the client's rows. It is checked here;
`sidecar/erp/generic/mapping.py` applies it.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sidecar.tenants.kinds import Part, Reference, SafeName, Url

Kind = Literal["products", "customers", "orders"]
KINDS: tuple[Kind, ...] = ("products", "customers", "orders")

_ALWAYS = ("id", "updated_at", "version", "deleted")
FIELDS: dict[Kind, tuple[str, ...]] = {
    "products": (
        *_ALWAYS,
        *("name", "active", "type", "category", "code", "barcode", "price", "currency", "unit"),
        *("weight", "volume", "stock", "on_hand", "forecast", "warehouses", "next_arrival"),
        *("description", "attributes", "tags", "variants", "image_url", "alternatives"),
        *("accessories", "dimensions", "warranty"),
    ),
    "customers": (
        *_ALWAYS,
        *("name", "active", "email", "phone", "mobile", "language", "since", "addresses"),
    ),
    "orders": (
        *_ALWAYS,
        *("customer_id", "name", "date", "state", "total", "currency", "lines", "deliveries"),
        *("invoiced", "url"),
    ),
}
"""Names of our fields; a test holds them against the models of `sidecar/erp/generic/records.py`."""

_DEEPEST = 3
_HOW = ("number", "date", "split", "values", "each")


def _rule(given: Any) -> Any:
    return {"path": given} if isinstance(given, str) else given


def _format(value: str) -> str:
    sample = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
    try:
        read = datetime.strptime(sample.strftime(value), value)  # noqa: DTZ007 - only its day
    except ValueError:
        read = None
    if read is None or read.date() != sample.date():
        raise ValueError("is not a date format (such as %d/%m/%Y %H:%M)")
    return value


class MappingRule(BaseModel):
    """Where a field comes from and how it is read; a text alone is its path.

    path: keys and list positions joined by dots. value: the same for all rows. fields: an object
    of named parts. number: the decimal mark of a written number. date: its format (strptime).
    split: what parts a text into a list. values: their words → ours. each: of a list's entries.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    path: str | None = Field(None, min_length=1, max_length=200)
    value: str | int | float | bool | None = None
    fields: "dict[str, Rule] | None" = None
    number: Literal[",", "."] | None = None
    date: Annotated[str, AfterValidator(_format)] | None = None
    split: str | None = Field(None, min_length=1, max_length=5)
    values: dict[str, str | bool] | None = Field(None, min_length=1, max_length=100)
    each: "dict[str, Rule] | None" = None

    @model_validator(mode="after")
    def _one_way(self) -> "MappingRule":
        if sum(part is not None for part in (self.path, self.value, self.fields)) != 1:
            raise ValueError("needs exactly one of path, value and fields")
        how = [name for name in _HOW if getattr(self, name) is not None]
        if len(how) > 1 or (how and self.path is None):
            raise ValueError(f"takes one of {', '.join(_HOW)}, beside a path")
        if _depth(self) > _DEEPEST:
            raise ValueError("is nested too deeply")
        return self


Rule = Annotated[MappingRule, BeforeValidator(_rule)]
MappingRule.model_rebuild()


def _depth(rule: MappingRule) -> int:
    inner = [*(rule.each or {}).values(), *(rule.fields or {}).values()]
    return 1 + max((_depth(one) for one in inner), default=0)


class Mapping(BaseModel):
    """One client's names for our fields. A kind that is left out arrives with our names."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    products: dict[str, Rule] | None = None
    customers: dict[str, Rule] | None = None
    orders: dict[str, Rule] | None = None

    @model_validator(mode="after")
    def _known(self) -> "Mapping":
        for kind in KINDS:
            rules = getattr(self, kind)
            if rules is None:
                continue
            if unknown := sorted(rules.keys() - set(FIELDS[kind])):
                raise ValueError(f"{kind} have no field {unknown[0][:64]}")
            if "id" not in rules:
                raise ValueError(f"{kind} need a rule for id")
        return self


class Callback(Part):
    """Where the ERP takes quotations. secret_ref: what calls are signed with.

    auth, username, credential_ref: what else the ERP wants to see. timeout: seconds of a call.
    rate: calls a minute, so that nobody talks the ERP to death.
    """

    url: Url
    secret_ref: Reference
    auth: Literal["signature", "bearer", "basic", "api_key"] = "signature"
    username: str = Field("", pattern=r"^[^:\x00-\x1f\x7f]*$")
    credential_ref: Reference | None = None
    timeout: float = Field(10, gt=0, le=60)
    rate: int = Field(30, ge=1, le=600)

    @model_validator(mode="after")
    def _has_credential(self) -> "Callback":
        if (self.auth == "signature") != (self.credential_ref is None):
            raise ValueError("auth bearer, basic and api_key need credential_ref, and only they")
        return self


class PushingConfig(Part):
    """mapping: by name; `default` is used where a call names none.

    phone_country: of numbers that are written without one (`55`). callback: None = nothing is ever
    written to the ERP.
    """

    mapping: dict[SafeName, Mapping] = {}
    phone_country: str | None = Field(None, pattern=r"^[1-9][0-9]{0,2}$")
    callback: Callback | None = None


class PushingErp(Part):
    """An ERP that is not asked: it sends."""

    type: Literal["rest-generic"]
    config: PushingConfig = PushingConfig()
