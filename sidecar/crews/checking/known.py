"""What may be said in one turn: everything that was read, by kind.

Numbers of ids, scores and dates of change say nothing to a customer and are left out. What stands
in a product's facts belongs to that product: another one may not be given its price.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sidecar.claims.figures import Figure, figures
from sidecar.claims.text import fold, sentences
from sidecar.crews.checking import moments
from sidecar.data_proxy.evidence import Evidence

_SAY_NOTHING = frozenset(
    {
        "id", "product_id", "variant_id", "rule_id", "order_id", "partner_id", "company_id",
        "record_id", "image_url", "write_date", "score", "barcode", "priority", "subkind", "group",
        "kind", "language", "timezone", "family",
    }
)  # fmt: skip
_MONEY = frozenset(
    {
        "price", "list_price", "unit_price", "offer", "total", "subtotal", "tax", "each", "value",
        "amount", "residual", "fee", "free_from", "minimum", "installment_min", "untaxed",
    }
)  # fmt: skip
_PERCENT = frozenset({"percent", "discount_percent", "pix_discount", "interest"})
_QUANTITY = frozenset(
    {"available", "on_hand", "free", "forecast", "quantity", "delivered", "orders", "count"}
)
_OF_RECORDS = re.compile(r"amount|price|total|residual|revenue|cost")
_DURATIONS = {"days": ("days", 1.0), "months": ("years", 1.0), "duration": ("seconds", 60.0)}
_PRICED = frozenset({"price", "unit_price", "list_price"})
_DELIVERS = re.compile(r"\b(?:entreg\w*|deliver\w*|envi\w*)\b")
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_UTC = ZoneInfo("UTC")
_EVERY_LANGUAGE = ("pt", "en", "es")


RECORD = "\0record"
"""Owner of amounts of an order or an invoice: they are no product's price."""


RULE = "\0rule"
"""Owner of what rules and the profile tell: fees and limits, no product's price either."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the evidence. key: the nearest one. owner: the product it is of, folded, or ""."""

    key: str
    value: Any
    owner: str
    source: str

    @property
    def is_the_shops(self) -> bool:
        """Whether it is about products or rules, and so nobody's personal data."""
        return _is_the_shops(self.source)


@dataclass
class Known:
    """What a turn's answer may stand on.

    said:     the customer's own words, this turn's and earlier ones.
    earlier:  what we said ourselves: it was checked when it was said.
    names:    of the shop and its assistant.
    done:     writing tools that did something for this turn.
    language: ISO 639-1 of the answer. today: by the tenant's clock.
    """

    evidence: Evidence
    said: list[str]
    language: str = "pt"
    names: tuple[str, ...] = ()
    earlier: list[str] = field(default_factory=list)
    done: frozenset[str] = frozenset()
    zone: ZoneInfo = _UTC
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @cached_property
    def leaves(self) -> list[Leaf]:
        """Every value that was read."""
        found: list[Leaf] = []
        named = self._products_by_id()
        for source, _at, fact in self.evidence.facts:
            owner = ""
            if source.startswith("computed:offer/"):
                owner = named.get(source.rpartition("/")[2], "")
            elif ":ai." in source:
                owner = RULE
            found += _leaves(fact, "", owner, source)
        return found

    @cached_property
    def texts(self) -> list[str]:
        """Every text that was read."""
        return [leaf.value for leaf in self.leaves if isinstance(leaf.value, str)]

    @cached_property
    def blob(self) -> str:
        """All texts, folded."""
        return "\n".join(map(fold, self.texts))

    @cached_property
    def blob_sentences(self) -> list[str]:
        """The same, sentence by sentence."""
        return [fold(part) for text in self.texts for part in sentences(text)]

    @cached_property
    def said_blob(self) -> str:
        """The customer's words, folded."""
        return "\n".join(map(fold, self.said))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word that was read or said, folded."""
        spoken = [*self.said, *self.names, *self.earlier]
        return frozenset(_WORD.findall(self.blob)) | frozenset(
            _WORD.findall(fold(" ".join(spoken)))
        )

    @cached_property
    def products(self) -> dict[str, str]:
        """Names of products that were read, folded → as they are written; longest first."""
        names = {
            leaf.owner: str(leaf.value)
            for leaf in self.leaves
            if leaf.key == "name" and leaf.owner and fold(str(leaf.value)) == leaf.owner
        }
        return dict(sorted(names.items(), key=lambda pair: -len(pair[0])))

    def named(self, folded: str) -> list[str]:
        """The products that a folded text names, by their whole names."""
        return [name for name in self.products if name in folded]

    @cached_property
    def quantities(self) -> set[float]:
        """How many there are of something."""
        found = {
            float(leaf.value)
            for leaf in self.leaves
            if _is_number(leaf.value) and (leaf.key in _QUANTITY or _is_record(leaf))
        }
        return found | {figure.literal for figure, _owner in self.figures if figure.noun == "peca"}

    @cached_property
    def figures(self) -> list[tuple[Figure, str]]:
        """Every figure of every text, with the product it is of."""
        found = []
        for leaf in self.leaves:
            if isinstance(leaf.value, str) and any(map(str.isalnum, leaf.value)):
                read = _figures_of if leaf.is_the_shops else _found_in
                for figure in read(leaf.value, self.language):
                    found.append((figure, leaf.owner))
        return found

    @cached_property
    def money(self) -> dict[str, set[float]]:
        """Amounts by the product they are of; "" = of none, or of all."""
        found: dict[str, set[float]] = {}
        for leaf in self.leaves:
            computed = leaf.source.startswith("computed:offer/")
            money = leaf.key in _MONEY or (_OF_RECORDS.search(leaf.key) and _is_record(leaf))
            if _is_number(leaf.value) and (money or computed):
                found.setdefault(leaf.owner, set()).add(round(float(leaf.value), 2))
        for figure, owner in self.figures:
            if figure.dimension == "money":
                found.setdefault(owner, set()).add(round(figure.value, 2))
        return found

    @cached_property
    def percents(self) -> set[float]:
        """Percentages."""
        found = {figure.value for figure, _owner in self.figures if figure.dimension == "percent"}
        keyed = (leaf.value for leaf in self.leaves if leaf.key in _PERCENT)
        return found | {float(value) for value in keyed if _is_number(value)}

    @cached_property
    def measured(self) -> list[Figure]:
        """Figures with a unit: sizes, durations, weights."""
        found = [figure for figure, _owner in self.figures if figure.dimension]
        for leaf in self.leaves:
            if not _is_number(leaf.value):
                continue
            if leaf.key in _DURATIONS:
                dimension, factor = _DURATIONS[leaf.key]
                found.append(Figure(0, 0, dimension, leaf.value * factor, leaf.value))
            elif leaf.key == "weight":
                found.append(Figure(0, 0, "mass", leaf.value, leaf.value))
            elif ":ai.business.rule" in leaf.source and leaf.key in ("min", "max"):
                found.append(Figure(0, 0, "days", leaf.value, leaf.value))
        return found

    @cached_property
    def numbers(self) -> set[float]:
        """Every number, whatever it means."""
        found = {round(float(leaf.value), 4) for leaf in self.leaves if _is_number(leaf.value)}
        for text in self.texts:
            for written in _NUMBER.findall(text):
                found.update(readings(written))
        return found | {figure.literal for figure, _owner in self.figures}

    @cached_property
    def said_numbers(self) -> set[float]:
        """Every number of the customer's words."""
        found = set()
        for text in self.said:
            for written in _NUMBER.findall(text):
                found.update(readings(written))
            for language in _EVERY_LANGUAGE:
                found |= {f.literal for f in figures(text, language, lenient=True)}
        return found

    @cached_property
    def dates(self) -> set[tuple[int, int]]:
        """(month, day) that were read; today is always known."""
        found = {(self.today.month, self.today.day)}
        for text in self.texts:
            found |= moments.dates_in(text, self.zone)
        return found

    @cached_property
    def weekdays(self) -> set[int]:
        """Weekdays (Monday 0) that were read, or that a date which was read is."""
        found = {self.today.weekday()}
        for text in self.texts:
            found |= moments.weekdays_in(text)
        for month, day in self.dates:
            found |= {one for one in (_weekday(self.today, month, day),) if one is not None}
        return found

    @cached_property
    def dated_weekdays(self) -> set[int]:
        """Weekdays that a date which was read is, or that a text tells with delivering."""
        dates = self.dates - {(self.today.month, self.today.day)}
        found = {_weekday(self.today, month, day) for month, day in dates}
        told = [text for text in self.texts if _DELIVERS.search(fold(text))]
        days = {day for text in told for day in moments.weekdays_in(text)}
        return {day for day in found if day is not None} | days

    @cached_property
    def times(self) -> set[tuple[int, int]]:
        """(hour, minute) that were read."""
        found: set[tuple[int, int]] = set()
        for text in self.texts:
            found |= moments.times_in(text, self.zone)
        return found

    @cached_property
    def orders(self) -> list[dict[str, Any]]:
        """Orders, deliveries and invoices that were read, as far as they have a state."""
        found: list[dict[str, Any]] = []
        for source, _at, fact in self.evidence.facts:
            if source.startswith("computed:") or _is_the_shops(source):
                continue
            found += [one for one in _dicts(fact) if "state" in one or "payment" in one]
        return found

    def _products_by_id(self) -> dict[str, str]:
        return {
            source.rpartition("/")[2]: fold(str(fact["name"]))
            for source, _at, fact in self.evidence.facts
            if ":product.template/" in source and isinstance(fact, dict)
        }


def readings(written: str) -> set[float]:
    """What a written number may mean: `2.790` is 2790 here and 2.79 there."""
    parts = re.split(r"[.,]", written)
    whole = float("".join(parts))
    if len(parts) == 1:
        return {whole}
    broken = float("".join(parts[:-1]) + "." + parts[-1])
    return {whole, broken} if len(parts[-1]) == 3 else {broken}


@lru_cache(maxsize=4096)
def _figures_of(text: str, language: str) -> tuple[Figure, ...]:
    """In the answer's language and the two others: a fact may be told in any of them.

    Kept, since the next turns read the same texts; only for texts of the shop.
    """
    return tuple(_found_in(text, language))


def _found_in(text: str, language: str) -> Iterator[Figure]:
    if not any(map(str.isdigit, text)) and len(text) < 3:
        return
    seen = set()
    for one in dict.fromkeys((language, *_EVERY_LANGUAGE)):
        for figure in figures(text, one, lenient=True):
            key = (figure.start, figure.dimension, figure.value)
            if key not in seen:
                seen.add(key)
                yield figure


def _leaves(fact: Any, key: str, owner: str, source: str) -> Iterator[Leaf]:
    if isinstance(fact, dict):
        if isinstance(fact.get("name"), str) and _PRICED & fact.keys():
            owner = fold(fact["name"])
        elif "state" in fact and "total" in fact:
            owner = RECORD
        for name, value in fact.items():
            if name not in _SAY_NOTHING or isinstance(value, list | dict):
                yield from _leaves(value, key if name == "text" else name, owner, source)
    elif isinstance(fact, list | tuple):
        for value in fact:
            yield from _leaves(value, key, owner, source)
    elif fact is not None and not isinstance(fact, bool):
        yield Leaf(key, fact, owner, source)


def _dicts(fact: Any) -> Iterator[dict[str, Any]]:
    if isinstance(fact, dict):
        yield fact
        for value in fact.values():
            yield from _dicts(value)
    elif isinstance(fact, list | tuple):
        for value in fact:
            yield from _dicts(value)


def _is_the_shops(source: str) -> bool:
    """Products and rules, from whichever system (`odoo:`, `erp:`)."""
    return ":product.template" in source or ":ai." in source


def _is_record(leaf: Leaf) -> bool:
    """Of plain records, which the shop's own people ask for: their fields have Odoo's names."""
    return leaf.source.startswith("tool:record_")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _weekday(today: date, month: int, day: int) -> int | None:
    """Of the next such date, or the latest one."""
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if found >= today - timedelta(days=180):
            return found.weekday()
    return None
