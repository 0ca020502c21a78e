"""When rows are written, by whom, and that nobody can touch them."""

import os
import re
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .. import audit_writer
from ..models import ai_audit_log
from .audit_case import AuditCase
from .common import CredentialsCase


@tagged("post_install", "-at_install")
class TestAuditLog(AuditCase):
    def _with_own_transaction(self):
        """Return an environment with a transaction of its own, which the caller ends."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, SUPERUSER_ID, {})

    def test_a_row_says_who_did_what_to_what(self):
        tenant = self.tenant.with_user(self.manager).sudo()
        tenant._audit("rotate", "signing key")
        self.env.cr.flush()
        [row] = self._rows()
        expected = {
            "sequence": 1,
            "company_id": self.company.id,
            "tenant_id": self.tenant.id,
            "account": "test_one",
            "user_id": self.manager.id,
            "login": "manager_one",
            "service": None,
            "ip": None,
            "operation": "rotate",
            "subject": "signing key",
            "result": "ok",
            "code": None,
            "count": 1,
        }
        self.assertEqual({name: row[name] for name in expected}, expected)
        self.assertRegex(row["key_fingerprint"], re.compile("[0-9a-f]{8}"))

    def test_a_success_is_written_when_the_transaction_commits_only(self):
        self.tenant._audit("sync", "all")
        self.assertEqual(self._rows(), [])
        self.env.cr.flush()
        self.assertEqual(self._brief(), [("sync", "all", "ok", None, 1)])
        self.assertEqual(self.anchor.position().sequence, 1)

    def test_a_success_of_work_that_is_rolled_back_is_not_written(self):
        env = self._with_own_transaction()
        env["ai.audit.log"]._note(None, "sync", "undone")
        env.cr.rollback()
        env.cr.commit()
        self.assertEqual(self._rows(), [])

    def test_a_savepoint_that_is_rolled_back_takes_its_successes_along(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.tenant._audit("sync", "undone")
            raise ZeroDivisionError
        self.tenant._audit("sync", "done")
        self.env.cr.flush()
        self.assertEqual(self._brief(), [("sync", "done", "ok", None, 1)])

    def test_a_rollback_after_the_row_was_written_is_told(self):
        env = self._with_own_transaction()
        env["ai.audit.log"]._note(None, "sync", "all")
        with env.cr.savepoint():  # flushes, and so writes
            pass
        env.cr.rollback()
        self.assertEqual(
            self._brief(),
            [("sync", "all", "ok", None, 1), ("sync", "all", "error", "rolled_back", 1)],
        )
        env["ai.audit.log"]._note(None, "sync", "again")
        env.cr.commit()
        env.cr.rollback()
        env.cr.close()
        self.assertEqual(self._brief()[2:], [("sync", "again", "ok", None, 1)])

    def test_a_refusal_stays_when_its_transaction_is_rolled_back(self):
        env = self._with_own_transaction()
        env["ai.audit.log"]._note(None, "export", "all", "refused", "forbidden")
        env.cr.rollback()
        self.assertEqual(self._brief(), [("export", "all", "refused", "forbidden", 1)])
        self.assertEqual(self._faults(), [])

    def test_a_log_that_cannot_be_written_fails_the_commit(self):
        with self._opened() as holder:
            holder.execute("LOCK TABLE ai_audit_head IN EXCLUSIVE MODE")
            with patch.object(audit_writer, "LOCK_TIMEOUT", "SET LOCAL lock_timeout = '50ms'"):
                self.tenant._audit("sync", "all")
                with self.assertRaisesRegex(UserError, "so this was not done"):
                    self.env.cr.flush()
                with self.assertRaisesRegex(UserError, "so this was not done"):
                    self.tenant._audit("sync", "all", "error", "timeout")
        self.assertEqual(self._rows(), [])

    def test_an_anchor_that_cannot_be_written_fails_the_commit_too(self):
        failing = patch.object(type(self.anchor), "_replace", side_effect=PermissionError("no"))
        with failing, self.assertRaises(UserError) as caught:
            self.tenant._audit("sync", "all")
            self.env.cr.flush()
        self.assertNotIn(str(self.anchor_path), str(caught.exception))

    def test_without_a_key_work_goes_on_and_later_rows_prove_it(self):
        with patch.dict(os.environ, {"AI_CREDENTIALS_KEYS": "# none"}):
            self.tenant._audit("sync", "unproven")
            self.env.cr.flush()
            self.assertEqual(self._faults(), [("unproven", 1, 1)])
        [row] = self._rows()
        self.assertEqual((row["mac"], row["key_fingerprint"]), (None, None))
        self.tenant._audit("sync", "proven")
        self.env.cr.flush()
        self.assertEqual(self._faults(), [])

    def test_repeated_refusals_are_two_rows_a_minute(self):
        for _number in range(30):
            self.tenant._audit("export", "all", "refused", "forbidden")
        self.tenant._audit("export", "other", "refused", "forbidden")
        self.assertEqual(
            self._brief(),
            [
                ("export", "all", "refused", "forbidden", 1),
                ("export", "other", "refused", "forbidden", 1),
            ],
        )
        self.log._cron_append_bursts()
        self.assertEqual(len(self._rows()), 2, "the minute is not over")
        self._in_schema("UPDATE ai_audit_burst SET started_at = started_at - interval '61 seconds'")
        self.log._cron_append_bursts()
        self.assertEqual(self._brief()[2:], [("export", "all", "refused", "forbidden", 29)])
        self.log._cron_append_bursts()
        self.assertEqual(len(self._rows()), 3)
        self.assertEqual(self._faults(), [])

    def test_a_refusal_after_the_minute_brings_the_count_along(self):
        for _number in range(3):
            self.tenant._audit("export", "all", "refused", "forbidden")
        self._in_schema("UPDATE ai_audit_burst SET started_at = started_at - interval '61 seconds'")
        self.tenant._audit("export", "all", "refused", "forbidden")
        self.assertEqual([row["count"] for row in self._rows()], [1, 2, 1])

    def test_texts_are_cut_and_odd_ones_do_no_harm(self):
        self.tenant._audit("teleport", "x" * 1000, "refused", "\0c\ud800d")
        self.tenant._audit("sync", "Sofá Ipê ▸ “ok”")
        self.env.cr.flush()
        refused, done = self._rows()
        self.assertEqual((refused["operation"], refused["code"]), ("other", "c?d"))
        self.assertTrue(refused["subject"].startswith("teleport: xxx"))
        self.assertEqual(len(refused["subject"]), 256)
        self.assertEqual(done["subject"], "Sofá Ipê ▸ “ok”")
        self.assertEqual(self._faults(), [])

    def test_deleting_what_a_row_is_about_changes_no_row(self):
        person = self._person("short_lived", self.company, "ai_system.ai_system_group_manager")
        self.tenant.with_user(person)._audit("sync", "all")
        self.env.cr.flush()
        before = self._rows()
        person.unlink()
        self.other_tenant.unlink()
        self.env.cr.flush()
        self.assertEqual(self._rows()[:1], before)
        self.assertNotIn("changed", [kind for kind, *_ in self._faults()])


@tagged("post_install", "-at_install")
class TestAuditRowsOfTheSidecar(AuditCase):
    def _row(self, **values):
        return {
            "uuid": "0b7e",
            "at": 1_790_000_000.25,
            "operation": "webhook",
            "subject": "hook 12",
            "service": "web",
            "ip": "203.0.113.9",
            "result": "refused",
            "code": "wrong_signature",
            "count": 4,
            **values,
        }

    def test_rows_are_kept_as_told_beside_our_clock(self):
        self.assertIs(self._facade(self.tenant).audit_rows([self._row()]), True)
        [row] = self._rows()
        expected = {
            "tenant_id": self.tenant.id,
            "company_id": self.company.id,
            "service": "web",
            "ip": "203.0.113.9",
            "operation": "webhook",
            "result": "refused",
            "code": "wrong_signature",
            "count": 4,
            "login": self.tenant.integration_user_id.login,
        }
        self.assertEqual({name: row[name] for name in expected}, expected)
        self.assertEqual(row["told_at"].isoformat(), "2026-09-21T14:13:20.250000")
        self.assertGreater(row["at"], row["told_at"])
        self.assertEqual(self._faults(), [])

    def test_the_same_uuid_is_written_once_and_only_for_its_tenant(self):
        facade = self._facade(self.tenant)
        facade.audit_rows([self._row(), self._row(), self._row(uuid="second")])
        facade.audit_rows([self._row(subject="changed"), self._row(uuid="third")])
        self._facade(self.other_tenant).audit_rows([self._row()])
        self.assertEqual(
            [(row["account"], row["uuid"]) for row in self._rows()],
            [
                ("test_one", "test_one:0b7e"),
                ("test_one", "test_one:second"),
                ("test_one", "test_one:third"),
                ("test_two", "test_two:0b7e"),
            ],
        )

    def test_two_hundred_rows_are_one_transaction(self):
        rows = [self._row(uuid=str(number)) for number in range(200)]
        self._facade(self.tenant).audit_rows(rows)
        self.assertEqual(len(self._rows()), 200)

    def test_what_is_no_row_is_refused_as_a_whole(self):
        facade = self._facade(self.tenant)
        bad = [
            [self._row(), self._row(result="great")],
            [self._row(at=float("nan"))],
            [self._row(at=1e300)],
            [self._row(at="now")],
            [self._row(uuid="")],
            [self._row(uuid="u" * 65)],
            [self._row(count="4")],
            [self._row(tenant_id=1)],
            [{"uuid": "1"}],
            ["row"],
            "rows",
            [self._row(uuid=str(number)) for number in range(201)],
        ]
        for rows in bad:
            with self.subTest(rows=str(rows)[:80]), self.assertRaises(UserError):
                facade.audit_rows(rows)
        self.assertEqual(self._rows(), [])

    def test_long_texts_are_cut_and_counts_kept_in_bounds(self):
        row = self._row(subject="s" * 5000, code="c" * 500, ip="i" * 500, count=-3)
        self._facade(self.tenant).audit_rows([row, self._row(uuid="2", count=10**12)])
        first, second = self._rows()
        self.assertEqual([len(first[name]) for name in ("subject", "code", "ip")], [256, 64, 64])
        self.assertEqual((first["count"], second["count"]), (1, 1_000_000))

    def test_nobody_else_reports(self):
        for user in (self.manager, self.salesperson, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                self.env["ai.facade"].with_user(user).audit_rows([self._row()])
        with self.assertRaises(AccessError):
            self.env["ai.facade"].audit_rows([self._row()])


@tagged("post_install", "-at_install")
class TestAuditAccess(CredentialsCase):
    """The log as the ORM shows it, in the transaction of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without commits, so that the ORM sees the rows and none of them stays.
        log = cls.registry["ai.audit.log"]
        cls.startClassPatcher(
            patch.object(
                log, "_cursor_opener", lambda self: lambda: ai_audit_log._same_cursor(cls.env.cr)
            )
        )
        cls.env.cr.execute("DELETE FROM ai_audit_log; DELETE FROM ai_audit_head")
        cls.env.cr.execute("DELETE FROM ai_audit_burst")
        cls.log = cls.env["ai.audit.log"]
        rows = [
            cls.log._prepare_row("lease", f"ref_{tenant.account_id}", tenant=tenant)
            for tenant in (cls.tenant, cls.other_tenant)
        ]
        rows.append(cls.log._prepare_row("lease", "of nobody", "refused", "unknown"))
        cls.log._append(rows)

    def _subjects(self, user):
        rows = self.log.with_user(user).search([("operation", "=", "lease")], order="sequence")
        return rows.mapped("subject")

    def test_administrators_see_the_rows_of_their_companies(self):
        self.assertEqual(self._subjects(self.manager), ["ref_test_one"])
        groups = "ai_system.ai_system_group_manager,base.group_system"
        system = self._person("system_two", self.other_company, groups)
        self.assertEqual(self._subjects(system), ["ref_test_two", "of nobody"])

    def test_others_see_nothing(self):
        for user in (self.salesperson, self._integration_user(self.tenant)):
            with self.assertRaises(AccessError):
                self._subjects(user)
            with self.assertRaises(AccessError):
                self.log.with_user(user).action_verify()
        for model in ("ai.audit.head", "ai.audit.burst", "ai.nonce"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.env.ref("base.user_admin")).search([])

    def test_nobody_changes_the_log(self):
        row = self.log.search([("operation", "=", "lease")], limit=1)
        for user in (self.manager, self.env.ref("base.user_admin"), self.env.ref("base.user_root")):
            mine = row.with_user(user).sudo()
            for attack in (
                lambda mine=mine: mine.write({"subject": "x"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.copy(),
                lambda mine=mine: mine.create({"subject": "x"}),
                lambda mine=mine: mine.web_save({"subject": "x"}, {}),
                lambda mine=mine: mine.browse().web_save({"subject": "x"}, {}),
                lambda mine=mine: mine.name_create("x"),
                lambda mine=mine: setattr(mine, "subject", "x"),
                lambda mine=mine: mine.with_context(install_mode=True).write({"count": 2}),
            ):
                with self.assertRaisesRegex(AccessError, "only grows"):
                    attack()
            loaded = mine.load(["subject", "operation"], [["x", "Lease"]])
            self.assertFalse(loaded["ids"])
        self.env.cr.execute("SELECT count(*) FROM ai_audit_log WHERE subject = 'x'")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        tries = self.log.search([("result", "=", "refused"), ("code", "=", "read_only")])
        self.assertEqual(set(tries.mapped("operation")), {"create", "write", "unlink"})

    def test_the_log_can_be_grouped_and_searched(self):
        log = self.log.with_user(self.manager)
        for group in ("subject", "login", "service", "operation", "at:day", "account"):
            with self.subTest(group=group):
                groups = log._read_group([("operation", "=", "lease")], [group], ["__count"])
                self.assertEqual(sum(count for _value, count in groups), 1)
        found = log.web_search_read([("subject", "ilike", "ref_")], {"actor": {}, "at": {}})
        self.assertEqual(found["length"], 1)

    def test_rows_are_told_in_the_reader_s_language(self):
        system = self.env(user=SUPERUSER_ID)["ai.audit.log"]
        self.log._append(
            [
                system._prepare_row("sync", "version 11", tenant=self.tenant),
                self.log._prepare_row("sync", "version 2 of all", tenant=self.tenant),
            ]
        )
        rows = self.log.with_context(lang="pt_BR").search([("operation", "=", "sync")])
        told = rows.sorted("sequence").mapped("subject_text")
        self.assertEqual(told, ["Versão 11", "version 2 of all"])
        self.assertEqual(rows.sorted("sequence")[0].actor, "Sistema")
        self.assertEqual(rows.sorted("sequence")[0].login, "__system__")

    def test_writing_methods_are_private(self):
        for name in ("append", "note", "log_now", "log_at_commit", "write_queue", "verify"):
            self.assertFalse(hasattr(self.log, name), "callable over RPC")
            self.assertTrue(hasattr(self.log, f"_{name}"))


@tagged("post_install", "-at_install")
class TestNonces(TransactionCase):
    def tearDown(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM ai_nonce WHERE account LIKE 'nonce_test%'")
        super().tearDown()

    def test_a_nonce_is_spent_once_by_each_account(self):
        nonces = self.env["ai.nonce"]
        self.assertTrue(nonces._spend("nonce_test_1", "n" * 16))
        self.assertFalse(nonces._spend("nonce_test_1", "n" * 16))
        self.assertTrue(nonces._spend("nonce_test_2", "n" * 16))

    @mute_logger("odoo.sql_db")
    def test_it_stays_spent_when_the_request_fails(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.env["ai.nonce"]._spend("nonce_test_1", "n" * 16)
            raise ZeroDivisionError
        self.assertFalse(self.env["ai.nonce"]._spend("nonce_test_1", "n" * 16))

    def test_old_ones_go_and_young_ones_stay(self):
        nonces = self.env["ai.nonce"].search([])
        for minutes in (0, 9, 16):
            self.env.cr.execute(
                "INSERT INTO ai_nonce (account, nonce, seen_at) VALUES"
                " ('nonce_test_3', %s, now() at time zone 'utc' - %s * interval '1 minute')",
                (f"minutes-{minutes}", minutes),
            )
        nonces._gc_spent()
        left = nonces.search([("account", "=", "nonce_test_3")]).mapped("nonce")
        self.assertEqual(sorted(left), ["minutes-0", "minutes-9"])
