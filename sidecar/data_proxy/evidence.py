"""What was read for one turn, and whether a text says more than that.

Every figure in an answer (price, quantity, size) must be in the evidence, in the customer's own
words, or be a harmless one (list numbers). `unsupported_figures` finds the others.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Any

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_LIST_MARK = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")


@dataclass(slots=True)
class Evidence:
    """Facts by source, in the order they were read. `facts`: list of (source, read at, fact)."""

    facts: list[tuple[str, float, Any]] = field(default_factory=list)

    def add(self, source: str, fact: Any, at: float | None = None) -> None:
        """Record `fact` (JSON-like) as read from `source`: the system it is from, and what of it
        (`odoo:product.template/5`, `erp:sale.order/7`, `computed:offer/5`).

        at: unix seconds of the reading, where it was not now but a moment ago.
        """
        self.facts.append((source, time.time() if at is None else at, fact))

    def figures(self) -> set[str]:
        """All figures in the facts, normalized."""
        found: set[str] = set()
        for _source, _at, fact in self.facts:
            _collect(fact, found)
        return found


def unsupported_figures(text: str, evidence: Evidence, said: list[str]) -> list[str]:
    """Figures of `text` that stand neither in the evidence nor in `said` (the customer's words)."""
    known = evidence.figures()
    for words in said:
        known |= set(map(normalize_figure, _FIGURE.findall(words)))
    body = _LIST_MARK.sub("", text)
    return [figure for figure in _FIGURE.findall(body) if normalize_figure(figure) not in known]


def normalize_figure(text: str) -> str:
    """One spelling for a number whatever the locale: `2.790,00`, `2,790.00`, `2790` → `2790`.

    A last group of exactly three digits is read as thousands, of other lengths as decimals.
    """
    parts = re.split(r"[.,]", text)
    if len(parts) > 1 and len(parts[-1]) != 3:
        whole, decimals = "".join(parts[:-1]), parts[-1].rstrip("0")
    else:
        whole, decimals = "".join(parts), ""
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{decimals}" if decimals else whole


def _collect(fact: Any, found: set[str]) -> None:
    if isinstance(fact, bool) or fact is None:
        return
    if isinstance(fact, int | float):
        found.add(normalize_figure(f"{fact:.2f}"))
        found.add(str(int(fact)) if fact == int(fact) else normalize_figure(f"{fact:.4f}"))
    elif isinstance(fact, str):
        found.update(map(normalize_figure, _FIGURE.findall(fact)))
    elif isinstance(fact, dict):
        for value in fact.values():
            _collect(value, found)
    elif isinstance(fact, list | tuple):
        for value in fact:
            _collect(value, found)
