from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from . import fake_sidecar
from .common import AiSystemCase

CHECKS = [
    {"part": "redis", "name": "", "state": "ok", "code": "", "message": "7.2"},
    {"part": "llm", "name": "", "state": "off", "code": "", "message": "No key."},
    {"part": "chatwoot", "name": "Site", "state": "failed", "code": "upstream_refused",
     "message": "Chatwoot said 401."},
]  # fmt: skip


@tagged("post_install", "-at_install")
class TestConnectionTest(AiSystemCase):
    def setUp(self):
        super().setUp()
        self.env["ai.job"].search([])._cancel("not of this test")
        self.sidecar = self._start_sidecar()
        self.sidecar.checks = CHECKS
        self._connect(self.tenant, self.sidecar.url)

    def _test(self):
        """Press the button, let the sender work, and return the job."""
        self.tenant.with_user(self.manager).action_test_connection()
        job = self.env["ai.job"].search([("action", "=", "test_connection")], limit=1)
        self._run_sender()
        return job

    def _due_now(self, job):
        job.next_try = fields.Datetime.now() - timedelta(seconds=1)

    def _lines(self):
        return self.tenant.check_ids.mapped(lambda line: (line.part, line.state))

    def test_each_part_has_a_line_of_its_own(self):
        job = self._test()
        self.assertTrue(self.tenant.is_testing)
        wait = (job.next_try - fields.Datetime.now()).total_seconds()
        self.assertLessEqual(wait, 3, "a person waits")
        self._due_now(job)
        self._run_sender()
        self.assertEqual(
            self._lines(),
            [("sidecar", "ok"), ("redis", "ok"), ("llm", "off"), ("chatwoot", "failed")],
        )
        self.assertFalse(self.tenant.is_testing)
        line = self.tenant.check_ids[-1].with_context(lang="pt_BR")
        self.assertIn("recusou a chave", line.message)
        self.assertEqual(self.tenant.check_ids[1].message, "7.2")

    def test_each_run_replaces_the_lines_of_the_one_before(self):
        for _run in range(2):
            job = self._test()
            self._due_now(job)
            self._run_sender()
        self.assertEqual(len(self.tenant.check_ids), 4)
        self.tenant.action_test_connection()
        self.assertFalse(self.tenant.check_ids, "old results are not shown as new ones")

    def test_the_result_may_come_in_by_itself(self):
        job = self._test()
        self._facade(self.tenant).job_result(job.uuid, "done", {"checks": CHECKS})
        self.assertEqual(len(self.tenant.check_ids), 4)

    def test_a_stopped_sidecar_is_told_at_once(self):
        self.sidecar.close()
        job = self._test()
        self.assertEqual(job.state, "failed")
        [line] = self.tenant.check_ids
        self.assertEqual((line.part, line.state), ("sidecar", "failed"))
        self.assertIn(f"{self.tenant.sidecar_url} does not answer", line.message)

    def test_a_refused_key_is_told(self):
        self.sidecar.keys = {}
        self._test()
        [line] = self.tenant.check_ids
        self.assertIn("does not accept this tenant's key", line.message)

    def test_a_test_that_fails_or_never_ends_is_told(self):
        job = self._test()
        error = {"code": "internal_error", "message": "m"}
        self._facade(self.tenant).job_result(job.uuid, "failed", False, error)
        self.assertEqual((job.state, self._lines()), ("failed", [("sidecar", "failed")]))
        job = self._test()
        self.sidecar.tests.clear()
        for _poll in range(8):
            self._due_now(job)
            self._run_sender()
        self.assertEqual((job.state, job.error_code), ("failed", "timeout"))

    def test_a_tenant_that_is_not_connected_says_so(self):
        self.tenant.action_disconnect()
        self.tenant.action_test_connection()
        [line] = self.tenant.check_ids
        self.assertEqual((line.part, line.state), ("sidecar", "off"))
        self.assertIn("not connected", line.message)
        self.assertFalse(self.env["ai.job"].search_count([("action", "=", "test_connection")]))

    def test_a_misshapen_answer_is_told(self):
        for checks in ("all fine", [{"part": "moon", "state": "ok"}], [{"part": "redis"}], [1]):
            job = self._test()
            self.sidecar.queue = [
                fake_sidecar.success(
                    {"job_id": job.uuid, "state": "done", "result": {"checks": checks}}
                )
            ]
            self._due_now(job)
            self._run_sender()
            self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))
            self.assertEqual(self._lines(), [("sidecar", "failed")])

    def test_only_managers_test(self):
        for action in (
            "action_test_connection",
            "action_synchronize",
            "action_rotate_signing_key",
            "action_disconnect",
            "action_view_configuration",
        ):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(self.tenant.with_user(self.salesperson), action)()
