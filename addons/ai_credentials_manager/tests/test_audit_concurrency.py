"""Many writers at once: no gap, no fork."""

import threading

from odoo.tests import tagged

from .audit_case import AuditCase

WRITERS, ROWS = 8, 25


@tagged("post_install", "-at_install")
class TestAuditConcurrency(AuditCase):
    def _at_once(self, work):
        """Run `work(number)` in WRITERS threads that start together; return their errors."""
        start, errors = threading.Barrier(WRITERS), []

        def run(number):
            start.wait()
            try:
                work(number)
            except Exception as error:  # noqa: BLE001 - the test fails with all of them
                errors.append(error)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors

    def test_eight_writers(self):
        writer = self.log._writer()

        def write(number):
            for row in range(ROWS):
                writer.append([{"operation": "lease", "subject": f"{number}.{row}"}])

        self.assertEqual(self._at_once(write), [])
        rows = self._rows()
        self.assertEqual([row["sequence"] for row in rows], list(range(1, WRITERS * ROWS + 1)))
        self.assertEqual(len({row["subject"] for row in rows}), WRITERS * ROWS)
        self.assertEqual(self.anchor.position().sequence, WRITERS * ROWS)
        self.assertEqual(self._faults(), [])

    def test_the_same_report_from_everywhere_is_written_once(self):
        writer = self.log._writer()
        rows = [
            {"operation": "webhook", "subject": str(number), "uuid": f"same-{number}"}
            for number in range(ROWS)
        ]
        self.assertEqual(self._at_once(lambda _number: writer.append(rows)), [])
        self.assertEqual(len(self._rows()), ROWS)
        self.assertEqual(self._faults(), [])

    def test_a_flood_of_refusals_is_one_row_and_a_count(self):
        writer = self.log._writer()
        refusal = {"operation": "lease", "ip": "203.0.113.9", "code": "unknown"}

        def knock(_number):
            for _time in range(ROWS):
                writer.append_refusal(refusal)

        self.assertEqual(self._at_once(knock), [])
        self.assertEqual([row["count"] for row in self._rows()], [1])
        self._in_schema("UPDATE ai_audit_burst SET started_at = started_at - interval '61 seconds'")
        writer.append_bursts()
        self.assertEqual([row["count"] for row in self._rows()], [1, WRITERS * ROWS - 1])
