"""What tools answer with: small models, money as a number and as the tenant's people write it."""

import re
from html import unescape
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sidecar.context import TenantContext
from sidecar.llm.sentences import money

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


class Told(BaseModel):
    """A part of an answer. Fields with a default are left out while they have it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(Told):
    """A whole answer. more: of a list that was cut, how many entries were left out."""

    more: dict[str, int] = Field(default={}, description="Entries left out, by list.")


class Amount(Told):
    """Money."""

    value: float
    text: str


class Preview(Told):
    """What a writing tool would do. Nothing has happened yet."""

    preview: dict[str, Any]
    confirmation: str
    next: str


def amount(tenant: TenantContext, value: float, currency: str = "") -> Amount:
    """`value` in `currency` (the tenant's own by default)."""
    return Amount(value=value, text=money(value, currency or tenant.currency, tenant.language))


def plain(text: str) -> str:
    """A text on one line, without the HTML that shops paste into plain fields."""
    return " ".join(unescape(_TAG.sub(" ", text)).split())


def shortened(text: str, longest: int = 600) -> str:
    """The beginning of a text, as `plain`."""
    told = plain(text)
    return told if len(told) <= longest else told[: longest - 1].rstrip() + "…"
