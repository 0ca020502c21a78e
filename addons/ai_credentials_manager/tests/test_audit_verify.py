"""Verify on a real table that is tampered with by SQL."""

import tempfile
import time
from pathlib import Path

from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from ..audit_anchor import Anchor
from ..audit_writer import read_head
from ..models import ai_audit_log
from .audit_case import AuditCase
from .common import CredentialsCase


@tagged("post_install", "-at_install")
class TestAuditVerify(AuditCase):
    def setUp(self):
        super().setUp()
        self._write_rows(20)
        self.assertEqual(self._faults(), [])

    def _notice(self, **context):
        log = self.log.with_user(self.manager).with_context(**context)
        return log.action_verify()["params"]

    def test_an_intact_log_is_told_and_noted(self):
        notice = self._notice()
        self.assertEqual(notice["type"], "success")
        self.assertIn("All 20 entries", notice["message"])
        self.assertEqual(self._brief()[-1], ("verify", None, "ok", None, 1))
        self.assertEqual(self._rows()[-1]["login"], "manager_one")

    def test_a_changed_row_is_named(self):
        self._in_schema("UPDATE ai_audit_log SET subject = 'x' WHERE sequence = 7")
        notice = self._notice()
        self.assertEqual((notice["type"], notice["sticky"]), ("danger", True))
        self.assertIn("Entry 7 was changed.", notice["message"])
        self.assertEqual(self._brief()[-1], ("verify", "#7", "error", "changed", 1))

    def test_a_microsecond_counts(self):
        self._in_schema(
            "UPDATE ai_audit_log SET at = at + interval '1 microsecond' WHERE sequence = 7"
        )
        self.assertEqual(self._faults(), [("changed", 7, 7)])

    def test_removed_rows_are_named(self):
        self._in_schema("DELETE FROM ai_audit_log WHERE sequence IN (7, 12, 13)")
        message = self._notice()["message"]
        self.assertIn("Entry 7 was removed.", message)
        self.assertIn("Entries 12 to 13 were removed.", message)

    def test_reordered_rows_are_named(self):
        self._in_schema(
            "UPDATE ai_audit_log SET sequence = -7 WHERE sequence = 7;"
            "UPDATE ai_audit_log SET sequence = 7 WHERE sequence = 9;"
            "UPDATE ai_audit_log SET sequence = 9 WHERE sequence = -7"
        )
        self.assertEqual(self._faults(), [("moved", 7, 9), ("moved", 9, 7)])

    def test_a_row_added_by_hand_is_named(self):
        self._in_schema(
            "INSERT INTO ai_audit_log (sequence, at, operation, result, count, link, mac,"
            " key_fingerprint) SELECT 21, at, operation, result, count, link, mac,"
            " key_fingerprint FROM ai_audit_log WHERE sequence = 20"
        )
        self.assertEqual(self._faults(), [("changed", 21, 21)])

    def test_a_cut_tail_is_noticed_and_stays_noticed(self):
        self._in_schema("DELETE FROM ai_audit_log WHERE sequence > 12")
        self.assertIn("ends at entry 12, but it had reached 20", self._notice()["message"])
        # Even when the database's own memory of the end was changed as well, and the log grew.
        self._in_schema("DELETE FROM ai_audit_log WHERE sequence > 12; DELETE FROM ai_audit_head")
        self.assertEqual(self._faults(), [("cut", 12, 20)])
        self._write_rows(20)
        self.assertEqual(self._faults(), [("anchor_differs", 20, 20)])
        self.assertEqual(self.anchor.position().sequence, 20, "the evidence is not overwritten")

    def test_an_older_copy_of_the_database_is_noticed(self):
        old_rows, old_head = self._rows(), self._in_schema("SELECT * FROM ai_audit_head")
        self._write_rows(5)
        self._in_schema("TRUNCATE ai_audit_log; TRUNCATE ai_audit_head")
        for table, rows in (("ai_audit_log", old_rows), ("ai_audit_head", old_head)):
            for row in rows:
                self._in_schema(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES"
                    f" ({', '.join(['%s'] * len(row))})",
                    list(row.values()),
                )
        self.assertEqual(self._faults(), [("cut", 20, 25)])

    def test_a_missing_anchor_is_said_and_noted_for_good(self):
        self.anchor_path.unlink()
        self.assertEqual(self._faults(), [("anchor_missing", 20, 20)])
        self._write_rows(1)
        self.assertEqual(self._brief()[20], ("anchor", None, "error", "anchor_missing", 1))
        self.assertEqual(self._faults(), [])

    def test_an_unreadable_anchor_is_said_in_words(self):
        self.anchor_path.write_text("nonsense")
        notice = self._notice()
        self.assertEqual(notice["type"], "danger")
        self.assertIn("cannot be read", notice["message"])

    def test_it_speaks_portuguese(self):
        self._in_schema("UPDATE ai_audit_log SET subject = 'x' WHERE sequence = 7")
        self.assertNotIn("was changed", self._notice(lang="pt_BR")["message"])

    def test_only_so_many_findings_are_listed(self):
        self._in_schema("UPDATE ai_audit_log SET subject = 'x'")
        message = self._notice()["message"]
        self.assertEqual(message.count("was changed"), ai_audit_log.SHOWN_FAULTS)
        self.assertIn("12 more", message)

    def test_a_long_log_is_read_in_batches(self):
        self._write_rows(12_000)
        started = time.process_time()
        report = self.log._writer().verify()
        self.assertEqual((report.rows, report.fault_count), (12_020, 0))
        self.assertLess(time.process_time() - started, 5)

    @mute_logger("odoo.addons.ai_credentials_manager.models.ai_audit_log")
    def test_the_cron_tells_system_administrators_once(self):
        admin = self.env.ref("base.user_admin")
        kind = self.env.ref(ai_audit_log.ACTIVITY)
        self.log._cron_verify()
        self.assertFalse(
            admin.partner_id.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        )
        self._in_schema("UPDATE ai_audit_log SET subject = 'x' WHERE sequence = 7")
        self.log._cron_verify()
        self.log._cron_verify()
        activity = admin.partner_id.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, admin)
        self.assertIn("7", activity.note)


@tagged("post_install", "-at_install")
class TestAuditVerifyTour(CredentialsCase, HttpCase):
    def test_verify(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "tour.anchor"
        log = self.env["ai.audit.log"]
        self.patch(type(log), "_anchor_path", lambda self: path)
        for table in ("ai_audit_log", "ai_audit_head", "ai_audit_burst"):
            self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
        rows = [log._prepare_row("lease", f"ref_{n}", tenant=self.tenant) for n in range(5)]
        log._append(rows)
        # The commits of this test are not real, so they move no anchor.
        Anchor(path).advance(read_head(self.env.cr))
        address = "/odoo/action-ai_credentials_manager.ai_audit_log_action"
        self.start_tour(address, "ai_audit_verify", login=self.manager.login)
        self.env.cr.execute("UPDATE ai_audit_log SET subject = 'x' WHERE sequence = 3")
        self.start_tour(address, "ai_audit_verify_tampered", login=self.manager.login)
