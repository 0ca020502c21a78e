"""Kinds of values that tenant documents are made of, each checked strictly."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sidecar.context import ACCOUNT_ID
from sidecar.tenants.tool_names import tool_name

CREWS = (
    "customer_service",
    "sales",
    "product_management",
    "social_media",
    "marketplace",
    "analytics",
)
CREW_ALIASES = {"support": "customer_service"}

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,62}")


def crew_name(value: str) -> str:
    """The crew `value` names, aliases resolved; ValueError lists the crews there are."""
    name = CREW_ALIASES.get(value, value)
    if name not in CREWS:
        raise ValueError(f"there is no crew {value[:64]!r}; known: {', '.join(CREWS)}")
    return name


def _safe_name(value: str) -> str:
    if not ACCOUNT_ID.fullmatch(value):
        raise ValueError("must be lower-case letters, digits and underscores")
    return value


def _prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        raise ValueError("must be lower-case letters, digits and underscores")
    return value


@lru_cache(maxsize=1024)
def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError):
        raise ValueError("is not a time zone (such as America/Sao_Paulo)") from None
    return value


def _url(value: str) -> str:
    problem = "must be http(s)://host without a user name"
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(problem) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(problem)
    return value


def _instant(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("is not an instant (such as 2026-12-31T00:00:00Z)") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError("lies outside the calendar") from None


SafeName = Annotated[str, AfterValidator(_safe_name)]
CrewName = Annotated[str, AfterValidator(crew_name)]
ToolName = Annotated[str, AfterValidator(tool_name)]
Url = Annotated[str, AfterValidator(_url)]
Reference = Annotated[str, Field(min_length=1, max_length=127)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$")]
Prefix = Annotated[str, AfterValidator(_prefix)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Instant = Annotated[str, AfterValidator(_instant)]
Id = Annotated[int, Field(gt=0, lt=2**53)]


class Part(BaseModel):
    """A mapping of the document: known keys are checked, a person's own are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
