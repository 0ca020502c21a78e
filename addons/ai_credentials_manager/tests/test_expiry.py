from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron

from .common import CredentialsCase


@tagged("post_install", "-at_install")
class TestExpiry(CredentialsCase):
    def setUp(self):
        super().setUp()
        self._connect(self.tenant, "http://127.0.0.1:1")
        self.credential = self._credential("shopee", partner_key="x")

    def _expire_in(self, days):
        """Set the last day of use as time would bring it: without the effects of editing it."""
        self.credential.flush_recordset()
        self.env.cr.execute(
            "UPDATE ai_credential SET expiry_date = %s WHERE id = %s",
            [self.tenant._today() + timedelta(days=days), self.credential.id],
        )
        self.env.invalidate_all()

    def _run_cron(self):
        with patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")):
            self.env["ai.credential"]._cron_expire()

    def _reminders(self, user=None):
        domain = [("res_model", "=", "ai.tenant"), ("res_id", "=", self.tenant.id)]
        activities = self.env["mail.activity"].search(domain, order="id")
        return activities.filtered(lambda a: a.user_id == (user or self.manager)).mapped("summary")

    def test_last_day_still_counts(self):
        self._expire_in(0)
        self.assertEqual(self.credential.expiry_state, "soon")
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "x")

    def test_expired_is_not_given_out(self):
        self._expire_in(-1)
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "")
        self.assertFalse(self.tenant._has_secret("shopee_partner_key"))
        self.assertIsNone(self.env["ai.credential.line"]._lease(self.tenant, "shopee_partner_key"))
        self.assertEqual(self.credential.line_ids.status, "expired")
        document = self.tenant._platform_documents()["shopee"]
        self.assertEqual(document, {"enabled": False, "config": {}})

    def test_day_is_the_tenants(self):
        self.tenant.timezone = "Pacific/Kiritimati"
        ahead = self.tenant._today()
        self.tenant.timezone = "Pacific/Pago_Pago"
        self.assertIn((ahead - self.tenant._today()).days, (1, 2))

    def test_reminders_14_and_3_days_before_once_each(self):
        given = []
        for days in (15, 14, 13, 4, 3, 2, 0):
            self._expire_in(days)
            self._run_cron()
            self._run_cron()
            given.append(len(self._reminders()))
        self.assertEqual(given, [0, 1, 1, 1, 2, 2, 2])
        self.assertIn("shopee", self._reminders()[0])
        self.assertEqual(self._revocations(), [])
        self.assertFalse(self._reminders(self.salesperson))

    def test_expiry_withdraws_once(self):
        self._expire_in(-1)
        self.tenant.sync_state = "synced"
        self._run_cron()
        self._run_cron()
        self.assertEqual(self._revocations(), ["shopee_partner_key"])
        self.assertEqual(self.tenant.sync_state, "to_sync")
        self.assertEqual(len(self._reminders()), 1)
        self.assertIn("has expired", self._reminders()[0])

    def test_new_date_brings_the_secret_back(self):
        self._expire_in(-1)
        self._run_cron()
        self.credential.with_user(self.manager).expiry_date = self.tenant._today() + timedelta(30)
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "x")
        self._expire_in(2)
        self._run_cron()
        self.assertEqual(len(self._reminders()), 2)

    def test_date_in_the_past_withdraws_at_once(self):
        self.credential.with_user(self.manager).expiry_date = self.tenant._today() - timedelta(1)
        self.assertEqual(self._revocations(), ["shopee_partner_key"])

    def test_secret_for_an_expired_credential_asks_for_a_date(self):
        self._expire_in(-1)
        with self.assertRaisesRegex(UserError, "has expired"):
            self.credential.line_ids.write({"new_value": "y"})
        with self.assertRaisesRegex(UserError, "has expired"):
            self.tenant._set_secret("shopee_partner_key", "y")

    def test_new_date_and_new_secret_in_one_save(self):
        self._expire_in(-1)
        self.credential.with_user(self.manager).write(
            {
                "line_ids": [Command.update(self.credential.line_ids.id, {"new_value": "y"})],
                "expiry_date": False,
            }
        )
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "y")

    def test_reminders_reach_the_administrators_of_the_company_only(self):
        stranger = self._person(
            "manager_two", self.other_company, "ai_system.ai_system_group_manager"
        )
        administrators = self.tenant._administrators()
        self.assertIn(self.manager, administrators)
        self.assertFalse((stranger | self.salesperson) & administrators)
