"""Appends rows to the access log, one writer at a time, and reads them back to verify them.

Plain Python without Odoo: it gets cursors, keys and the anchor from outside. Each append is a
transaction of its own, so a row stays when the transaction that caused it is rolled back.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg2
from psycopg2 import sql

from .audit_anchor import Anchor, AnchorUnusable
from .audit_chain import FIELDS, Position, Report, Verifier, next_link, next_mac

LOCK_CHAIN = "LOCK TABLE ai_audit_head IN EXCLUSIVE MODE"
LOCK_BURSTS = "LOCK TABLE ai_audit_burst IN EXCLUSIVE MODE"
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"
NO_LOCK_TIMEOUT = "SET LOCAL lock_timeout TO DEFAULT"
BURST_SECONDS = 60  # identical refusals within it become two rows: the first, and the others
BATCH = 5000  # rows that a verification reads at a time

_STORED = (*FIELDS, "link", "mac")
_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, _STORED))
_INSERT = sql.SQL("INSERT INTO ai_audit_log ({}) VALUES %s").format(_COLUMNS)
_NEXT_ROWS = sql.SQL(
    "SELECT id, {} FROM ai_audit_log"
    " WHERE %s OR (sequence, id) > (%s, %s) ORDER BY sequence, id LIMIT %s"
).format(_COLUMNS)
_SAME = ("tenant_id", "login", "service", "ip", "operation", "subject", "result", "code")
_ANCHOR_MISSING = {"operation": "anchor", "result": "error", "code": "anchor_missing"}


class AuditUnavailable(Exception):
    """The access log cannot be written; what should have been logged must not happen."""


def utc_now() -> datetime:
    """Return the instant now as a naive UTC datetime with microseconds."""
    return datetime.now(UTC).replace(tzinfo=None)


class AuditWriter:
    """Writes the chain of one database.

    open_cursor: gives a cursor that commits and closes itself at the end of its `with` block.
    keys: gives {fingerprint: audit key}, the newest first, empty when there is none.
    """

    def __init__(self, open_cursor: Callable, keys: Callable[[], dict[str, bytes]], anchor: Anchor):
        self._open_cursor = open_cursor
        self._keys = keys
        self._anchor = anchor

    def append(self, rows: Iterable[dict]) -> object:
        """Append `rows` at once, those whose uuid is there already left out.

        rows: dicts of names of FIELDS; what is left out is None, `at` is now and `count` 1.
        Returns the connection whose transaction holds them. Raises AuditUnavailable.
        """
        with self._exclusive(LOCK_CHAIN) as cr:
            rows = self._without_known(cr, [_complete(row) for row in rows])
            head = read_head(cr)
            anchor = self._anchor.position()
            if anchor is None and head.sequence:
                rows.insert(0, _complete(_ANCHOR_MISSING))
            if not rows:
                return cr.connection
            fits = anchor is None or _holds(cr, anchor)
            new_head = self._extend(cr, head, rows)
            if anchor is None:
                # Before the next writer can look: only one of them finds that it is missing.
                self._anchor.advance(head)
            if fits:
                # An anchor that the log contradicts stays where it is: it is the evidence.
                cr.postcommit.add(partial(self._anchor.advance, new_head))
            return cr.connection

    def append_refusal(self, row: dict) -> None:
        """Append the first of identical refusals at once and only count those of the next minute.

        Raises AuditUnavailable.
        """
        row = {"result": "refused", **row}
        text = json.dumps([row.get(name) for name in _SAME])
        key = hashlib.sha256(text.encode()).hexdigest()
        with self._exclusive(LOCK_BURSTS) as cr:
            rows = self._take_bursts(cr, key)
            cr.execute(
                "INSERT INTO ai_audit_burst (key, started_at, repeats, content)"
                " VALUES (%s, %s, 0, %s)"
                " ON CONFLICT (key) DO UPDATE SET repeats = ai_audit_burst.repeats + 1"
                " RETURNING repeats",
                (key, utc_now(), json.dumps(row)),
            )
            if cr.fetchone()[0] == 0:
                rows.append(row)
        if rows:
            self.append(rows)

    def append_bursts(self) -> None:
        """Append how often refusals were repeated in minutes that are over."""
        with self._exclusive(LOCK_BURSTS) as cr:
            rows = self._take_bursts(cr)
        if rows:
            self.append(rows)

    def verify(self) -> Report:
        """Read the whole log in batches and return what is wrong with it.

        Raises AnchorUnusable when the anchor cannot be read.
        """
        # The anchor first: the rows that it knows were committed before it was written.
        anchor = self._anchor.position()
        with self._open_cursor() as cr:
            verifier = Verifier(self._keys(), anchor, read_head(cr, remembered=True))
            for row in _all_rows(cr):
                verifier.feed(row)
        return verifier.finish()

    @contextmanager
    def _exclusive(self, lock: str) -> Iterator:
        """Give a cursor after the statement `lock`; whatever fails is AuditUnavailable.

        LOCK TABLE comes before the snapshot of a REPEATABLE READ transaction: what it waited for
        is seen, where a locked row would end in a serialization failure.
        """
        try:
            with self._open_cursor() as cr:
                cr.execute(LOCK_TIMEOUT, log_exceptions=False)
                cr.execute(lock, log_exceptions=False)
                cr.execute(NO_LOCK_TIMEOUT)
                yield cr
        except (psycopg2.Error, AnchorUnusable) as error:
            raise AuditUnavailable from error

    def _without_known(self, cr, rows: list[dict]) -> list[dict]:
        uuids = [row["uuid"] for row in rows if row["uuid"]]
        if not uuids:
            return rows
        cr.execute("SELECT uuid FROM ai_audit_log WHERE uuid = ANY(%s)", (uuids,))
        known = {uuid for (uuid,) in cr.fetchall()}
        fresh = []
        for row in rows:
            if row["uuid"] not in known:
                fresh.append(row)
                known.update({row["uuid"]} - {None})
        return fresh

    def _extend(self, cr, head: Position, rows: list[dict]) -> Position:
        """Insert `rows` behind `head` and return the new head."""
        fingerprint, key = next(iter(self._keys().items()), (None, None))
        for row in rows:
            row.update(sequence=head.sequence + 1, key_fingerprint=fingerprint)
            head = Position(row["sequence"], next_link(head.link, row))
            row.update(link=head.link, mac=key and next_mac(key, head.link))
        cr.execute_values(
            _INSERT,
            [tuple(row[name] for name in _STORED) for row in rows],
        )
        cr.execute("DELETE FROM ai_audit_head")
        cr.execute(
            "INSERT INTO ai_audit_head (sequence, link) VALUES (%s, %s)", (head.sequence, head.link)
        )
        return head

    def _take_bursts(self, cr, key: str | None = None) -> list[dict]:
        """Remove the counts of minutes that are over (of one `key`) and return their rows."""
        over = utc_now() - timedelta(seconds=BURST_SECONDS)
        cr.execute(
            "DELETE FROM ai_audit_burst WHERE started_at <= %s AND (key = %s OR %s)"
            " RETURNING content, repeats",
            (over, key, key is None),
        )
        return [
            {**json.loads(content), "count": repeats}
            for content, repeats in cr.fetchall()
            if repeats
        ]


def read_head(cr, remembered: bool = False) -> Position | None:
    """Return the end of the chain: what was remembered, or the last row where that is further.

    remembered: only what was remembered, None when nothing was.
    """
    cr.execute("SELECT sequence, link FROM ai_audit_head ORDER BY sequence DESC LIMIT 1")
    row = cr.fetchone()
    head = Position(*row) if row else None
    if remembered:
        return head
    cr.execute("SELECT sequence, link FROM ai_audit_log ORDER BY sequence DESC LIMIT 1")
    row = cr.fetchone()
    last = Position(*row) if row else Position()
    return head if head and head.sequence >= last.sequence else last


def _complete(row: dict) -> dict:
    return {**dict.fromkeys(FIELDS), "at": utc_now(), "count": 1, "result": "ok", **row}


def _holds(cr, anchor: Position) -> bool:
    """Return whether the log still has the row that the anchor remembers."""
    if anchor == Position():
        return True
    cr.execute("SELECT link FROM ai_audit_log WHERE sequence = %s", (anchor.sequence,))
    return cr.fetchone() == (anchor.link,)


def _all_rows(cr) -> Iterator[dict]:
    after = None
    while True:
        cr.execute(
            _NEXT_ROWS,
            (after is None, *(after or (0, 0)), BATCH),
        )
        rows = cr.dictfetchall()
        yield from rows
        if len(rows) < BATCH:
            return
        after = (rows[-1]["sequence"], rows[-1]["id"])
