"""The chain and its anchor by themselves: everything that Verify has to find."""

import random
import tempfile
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from odoo.tests import BaseCase, tagged

from .. import audit_chain as chain
from ..audit_anchor import Anchor, AnchorUnusable

START = datetime.fromisoformat("2026-11-24T09:00:00")
KEYS = {"aaaaaaaa": b"k" * 32, "bbbbbbbb": b"o" * 32}


def row_after(position, fingerprint="aaaaaaaa", **values):
    """Return the row that follows `position`, with link and mac."""
    row = {
        **dict.fromkeys(chain.FIELDS),
        "sequence": position.sequence + 1,
        "at": START + timedelta(microseconds=position.sequence),
        "operation": "lease",
        "subject": f"erp_api_key_{position.sequence}",
        "result": "ok",
        "count": 1,
        "key_fingerprint": fingerprint,
        **values,
    }
    row["link"] = chain.next_link(position.link, row)
    row["mac"] = chain.next_mac(KEYS[fingerprint], row["link"]) if fingerprint else None
    return row


def end_of(rows):
    return chain.Position(rows[-1]["sequence"], rows[-1]["link"]) if rows else chain.Position()


def extend(rows, count, **values):
    for _number in range(count):
        rows.append(row_after(end_of(rows), **values))
    return rows


@tagged("post_install", "-at_install")
class TestAuditChain(BaseCase):
    def setUp(self):
        super().setUp()
        self.rows = extend([], 20)
        self.anchor = end_of(self.rows)

    def _faults(self, rows=None, keys=KEYS, anchor=..., head=None):
        anchor = self.anchor if anchor is ... else anchor
        verifier = chain.Verifier(keys, anchor, head)
        for row in self.rows if rows is None else rows:
            verifier.feed(row)
        report = verifier.finish()
        return [(fault.kind, fault.first, fault.last) for fault in report.faults]

    def test_an_untouched_log_has_no_fault(self):
        self.assertEqual(self._faults(), [])
        self.assertEqual(self._faults(rows=[], anchor=None), [])

    def test_every_field_is_covered(self):
        for name in chain.FIELDS:
            if name in ("sequence", "key_fingerprint"):
                continue
            with self.subTest(field=name):
                rows = [dict(row) for row in self.rows]
                before = rows[4][name]
                rows[4][name] = (
                    before + timedelta(microseconds=1)
                    if name == "at"
                    else START
                    if name == "told_at"
                    else 2
                    if name in ("count", "company_id", "tenant_id", "user_id")
                    else "other"
                )
                self.assertEqual(self._faults(rows), [("changed", 5, 5)])

    def test_values_cannot_move_from_field_to_field(self):
        first = row_after(chain.Position(), subject="ab", code="c")
        second = row_after(chain.Position(), subject="a", code="bc")
        self.assertNotEqual(first["link"], second["link"])

    def test_a_changed_row_with_a_new_link_is_not_ours(self):
        self.rows[4]["subject"] = "another"
        self.rows[4]["link"] = chain.next_link(self.rows[3]["link"], self.rows[4])
        self.assertEqual(self._faults(), [("forged", 5, 5)])

    def test_rewriting_all_that_follows_does_not_help(self):
        rows = self.rows[:4]
        for row in self.rows[4:]:
            rows.append({**row, "subject": "rewritten"})
            rows[-1]["link"] = chain.next_link(rows[-2]["link"], rows[-1])
        kinds = {kind for kind, *_ in self._faults(rows)}
        self.assertEqual(kinds, {"forged", "anchor_differs"})

    def test_another_key_is_named_to_no_avail(self):
        rows = self.rows[:10]
        for row in self.rows[10:]:
            rows.append({**row, "subject": "rewritten", "key_fingerprint": "cccccccc"})
            rows[-1]["link"] = chain.next_link(rows[-2]["link"], rows[-1])
        faults = self._faults(rows)
        self.assertIn(("unproven", 11, 20), faults)
        self.assertIn(("anchor_differs", 20, 20), faults)

    def test_removed_rows_are_counted_by_their_numbers(self):
        del self.rows[4:7]
        del self.rows[0]
        self.assertEqual(self._faults(), [("removed", 1, 1), ("removed", 5, 7)])

    def test_removing_a_row_and_closing_the_gap(self):
        rows = [dict(row) for row in self.rows if row["sequence"] != 5]
        for number, row in enumerate(rows, start=1):
            row["sequence"] = number
        faults = self._faults(rows)
        self.assertTrue([fault for fault in faults if fault[0] in ("changed", "moved")])
        self.assertIn(("cut", 19, 20), faults)

    def test_reordered_rows_are_named_and_their_neighbors_are_not(self):
        for here, there in ((4, 5), (4, 11)):
            with self.subTest(here=here, there=there):
                rows = [dict(row) for row in self.rows]
                rows[here], rows[there] = rows[there], rows[here]
                rows[here]["sequence"], rows[there]["sequence"] = here + 1, there + 1
                self.assertEqual(
                    self._faults(rows),
                    [("moved", here + 1, there + 1), ("moved", there + 1, here + 1)],
                )

    def test_a_row_added_by_hand_at_the_end(self):
        forged = {**row_after(end_of(self.rows)), "mac": "0" * 64}
        self.assertEqual(self._faults([*self.rows, forged]), [("forged", 21, 21)])
        without = {**row_after(end_of(self.rows), fingerprint=None)}
        self.assertEqual(self._faults([*self.rows, without]), [("unproven", 21, 21)])

    def test_rubbish_is_a_fault_and_not_a_crash(self):
        self.rows[4].update(link="no hex", mac=None)
        self.assertEqual(self._faults(), [("forged", 5, 5)])
        self.rows[4].update(key_fingerprint=None)
        self.assertIn(("changed", 5, 5), self._faults())

    def test_a_cut_tail_is_known_to_the_anchor_and_to_the_head(self):
        self.assertEqual(self._faults(self.rows[:12]), [("cut", 12, 20)])
        self.assertEqual(
            self._faults(self.rows[:12], anchor=end_of(self.rows[:12]), head=self.anchor),
            [("cut", 12, 20)],
        )
        self.assertEqual(self._faults([]), [("cut", 0, 20)])

    def test_a_tail_cut_and_grown_again_is_not_the_anchored_one(self):
        grown = extend(self.rows[:12], 10, subject="grown again")
        self.assertEqual(self._faults(grown), [("anchor_differs", 20, 20)])

    def test_a_missing_anchor_is_said(self):
        self.assertEqual(self._faults(anchor=None), [("anchor_missing", 20, 20)])

    def test_rows_of_a_lost_key_are_proven_by_later_ones(self):
        rows = extend(extend([], 5, fingerprint="bbbbbbbb"), 5)
        left = {"aaaaaaaa": KEYS["aaaaaaaa"]}
        anchor = end_of(rows)
        self.assertEqual(self._faults(rows, left, anchor), [])
        self.assertEqual(self._faults(rows[:5], left, end_of(rows[:5])), [("unproven", 1, 5)])
        rows[2]["subject"] = "changed"
        self.assertEqual(self._faults(rows, left, anchor), [("changed", 3, 3)])

    def test_many_faults_are_counted_and_not_all_kept(self):
        rows = extend([], 1000)
        for row in rows[::2]:
            row["subject"] = "changed"
        verifier = chain.Verifier(KEYS, end_of(rows), None)
        for row in rows:
            verifier.feed(row)
        report = verifier.finish()
        self.assertEqual(report.fault_count, 500)
        self.assertEqual(len(report.faults), chain.MAX_FAULTS)

    def test_verifying_a_hundred_thousand_rows_takes_seconds(self):
        verifier, position, spent = chain.Verifier(KEYS, None, None), chain.Position(), 0
        for _number in range(100_000):
            row = row_after(position)
            position = chain.Position(row["sequence"], row["link"])
            started = time.process_time()
            verifier.feed(row)
            spent += time.process_time() - started
        report = verifier.finish()
        self.assertEqual((report.rows, report.fault_count), (100_000, 1), "only the anchor misses")
        self.assertLess(spent, 10)


@tagged("post_install", "-at_install")
class TestAuditAnchor(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "ai_audit" / "some.anchor"
        self.anchor = Anchor(self.path)

    def _position(self, sequence):
        return chain.Position(sequence, f"{sequence:064x}")

    def test_it_only_moves_forward(self):
        self.assertIsNone(self.anchor.position())
        for sequence, expected in ((5, 5), (3, 5), (5, 5), (9, 9)):
            self.anchor.advance(self._position(sequence))
            self.assertEqual(self.anchor.position(), self._position(expected))

    def test_many_writers_at_once(self):
        numbers = list(range(1, 81))
        random.Random(7).shuffle(numbers)
        threads = [
            threading.Thread(
                target=lambda part: [Anchor(self.path).advance(self._position(n)) for n in part],
                args=(numbers[start::8],),
            )
            for start in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.anchor.position(), self._position(80))

    def test_what_is_not_an_anchor_is_said_and_not_replaced(self):
        self.anchor.advance(self._position(5))
        for content in ("", "nonsense", "[]", '{"sequence": "5", "link": "x"}', '{"sequence": 5}'):
            with self.subTest(content=content):
                self.path.write_text(content)
                with self.assertRaises(AnchorUnusable):
                    self.anchor.position()
                with self.assertRaises(AnchorUnusable):
                    self.anchor.advance(self._position(6))
                self.assertEqual(self.path.read_text(), content)

    def test_a_folder_that_cannot_be_written(self):
        self.path.parent.parent.joinpath("ai_audit").write_text("a file in the way")
        with self.assertRaises(AnchorUnusable):
            self.anchor.advance(self._position(1))

    def test_only_odoo_may_look_into_the_folder(self):
        self.anchor.advance(self._position(1))
        self.assertEqual(self.path.parent.stat().st_mode & 0o077, 0)
