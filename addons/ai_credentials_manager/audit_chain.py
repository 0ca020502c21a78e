"""The chain that makes the access log tamper-evident.

Plain Python without Odoo, so that it can be tested by itself.

Each row carries `link = SHA-256(link of the row before ‖ canonical row)` and
`mac = HMAC-SHA-256(audit key, link)`. Links need no key, so a row whose key is gone, or that was
written while there was none, stays protected by the next row that has one: nobody can change a
row without changing every link after it, and nobody without the key can make their macs.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GENESIS = "0" * 64  # the link before the first row
PURPOSE = b"chatwootai access log"  # what the audit key is derived for (HKDF)
MAX_FAULTS = 100  # that a report lists; all are counted
MAX_SUSPECTS = 40  # rows that are compared with each other to tell moved from changed

# What a link covers, in this order. Adding a field takes a new version of canonical().
FIELDS = (
    "sequence",
    "at",
    "told_at",
    "company_id",
    "tenant_id",
    "account",
    "user_id",
    "login",
    "service",
    "ip",
    "operation",
    "subject",
    "result",
    "code",
    "count",
    "uuid",
    "key_fingerprint",
)

CHANGED = "changed"  # the row's content is not what was written
MOVED = "moved"  # an unchanged row stands at another place
REMOVED = "removed"  # numbers are missing
FORGED = "forged"  # the row's mac was not made with the audit key
UNPROVEN = "unproven"  # rows at the end that no available key proves
CUT = "cut"  # the log ends earlier than the anchor, or the head, knows
ANCHOR_DIFFERS = "anchor_differs"  # the anchor's row has another link
ANCHOR_MISSING = "anchor_missing"  # rows but no anchor


@dataclass(frozen=True)
class Position:
    """A place in the chain: number and link of a row; (0, GENESIS) before the first."""

    sequence: int = 0
    link: str = GENESIS


@dataclass(frozen=True)
class Fault:
    """One finding: its kind, and the first and last number it is about.

    moved: `first` is where the row stands, `last` where it belongs. cut: `first` is the last row
    there is, `last` the last one that was.
    """

    kind: str
    first: int
    last: int


@dataclass
class Report:
    """What a verification found: how many rows were read, and the faults."""

    rows: int = 0
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, kind: str, first: int, last: int | None = None) -> None:
        """Count a fault and keep it while there is room."""
        self.fault_count += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(kind, first, first if last is None else last))


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return the bytes of a `row` that its link covers.

    row: every name of FIELDS; instants are naive UTC datetimes, what is not set is None.
    """
    values = [
        v.isoformat(timespec="microseconds") if k in ("at", "told_at") and v else v
        for k, v in ((name, row[name]) for name in FIELDS)
    ]
    return json.dumps(["v1", *values], separators=(",", ":")).encode()


def next_link(previous: str, row: Mapping[str, Any]) -> str:
    """Return the link, 64 hex digits, of the `row` that follows the link `previous`."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical(row)).hexdigest()


def next_mac(key: bytes, link: str) -> str:
    """Return the mac, 64 hex digits, of a `link`."""
    return hmac.new(key, link.encode(), hashlib.sha256).hexdigest()


class Verifier:
    """Reads all rows in the order of their numbers and finds what is not as it was written.

    The memory it takes does not grow with the log.
    """

    def __init__(self, keys: Mapping[str, bytes], anchor: Position | None, head: Position | None):
        """keys: audit keys by fingerprint. anchor: the position kept outside the database, None
        when there is none. head: the last position as the database remembers it."""
        self._keys = keys
        self._marks = [mark for mark in (anchor, head) if mark]
        self._anchored = anchor is not None
        self._report = Report()
        self._sequence = 0
        self._previous: str | None = GENESIS  # None when the row before cannot be relied on
        self._unproven = 0  # number of the first row that no mac has proven yet
        self._suspects: list[tuple[dict, str]] = []

    def feed(self, row: Mapping[str, Any]) -> None:
        """Check the next row: every name of FIELDS, link and mac."""
        sequence = row["sequence"]
        if sequence > self._sequence + 1:
            self._report.add(REMOVED, self._sequence + 1, sequence - 1)
            self._previous = None
        genuine = self._is_genuine(row)
        if genuine is False:
            self._report.add(FORGED, sequence)
        elif self._previous is not None and not _follows(self._previous, row):
            self._suspect(row)
        elif genuine:
            self._unproven = 0
        if genuine is None and not self._unproven:
            self._unproven = sequence
        for mark in self._marks:
            if mark.sequence == sequence and mark.link != row["link"]:
                self._report.add(ANCHOR_DIFFERS, sequence)
        # The link of a forged row says nothing about the row after it.
        self._previous = None if genuine is False else row["link"]
        self._sequence = max(self._sequence, sequence)
        self._report.rows += 1

    def finish(self) -> Report:
        """Return the report once every row was read."""
        self._compare_suspects()
        if self._unproven:
            self._report.add(UNPROVEN, self._unproven, self._sequence)
        if (known := max((mark.sequence for mark in self._marks), default=0)) > self._sequence:
            self._report.add(CUT, self._sequence, known)
        if self._report.rows and not self._anchored:
            self._report.add(ANCHOR_MISSING, self._sequence)
        self._report.faults.sort(key=lambda fault: fault.first)
        return self._report

    def _is_genuine(self, row: Mapping[str, Any]) -> bool | None:
        """Return whether the row's mac is right; None when its key is not to be had."""
        key = self._keys.get(row["key_fingerprint"] or "")
        if key is None:
            return None
        mac = next_mac(key, row["link"] or "")
        return hmac.compare_digest(mac.encode(), (row["mac"] or "").encode())

    def _suspect(self, row: Mapping[str, Any]) -> None:
        if len(self._suspects) < MAX_SUSPECTS:
            self._suspects.append((dict(row), self._previous or GENESIS))
        else:
            self._report.add(CHANGED, row["sequence"])

    def _compare_suspects(self) -> None:
        """Tell the rows that moved from those that changed and those that only follow them."""
        links = {GENESIS, *(previous for _row, previous in self._suspects)}
        links.update(row["link"] for row, _previous in self._suspects)
        places = [row["sequence"] for row, _previous in self._suspects]
        for row, _previous in self._suspects:
            here = row["sequence"]
            belongs = _place_of(row, [here, *places], links)
            if belongs is None:
                self._report.add(CHANGED, here)
            elif belongs != here:
                self._report.add(MOVED, here, belongs)


def _follows(previous: str, row: Mapping[str, Any]) -> bool:
    try:
        return next_link(previous, row) == row["link"]
    except ValueError:  # the link before is not hexadecimal: it was written by hand
        return False


def _place_of(row: Mapping[str, Any], places: list[int], links: set[str]) -> int | None:
    """Return the first of `places` at which the row's link fits one of `links`, or None."""
    for place in places:
        placed = {**row, "sequence": place}
        if any(_follows(link, placed) for link in links):
            return place
    return None
