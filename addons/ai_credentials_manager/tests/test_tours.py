from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_cron import IrCron

from .common import KEY_ONE, KEY_TWO, PLANTED, CredentialsCase


@tagged("post_install", "-at_install")
class TestTours(CredentialsCase, HttpCase):
    def test_credential_entry(self):
        self.start_tour(
            "/odoo/action-ai_credentials_manager.ai_credential_action",
            "ai_credential_entry",
            login=self.manager.login,
        )
        self.assertEqual(self.tenant._get_secret("mercado_livre_client_secret"), PLANTED)
        self.assertEqual(self.tenant._get_secret("mercado_livre_access_token"), "")
        document = self.tenant._platform_documents()["mercado_livre"]
        self.assertEqual(document["config"]["app_id"], "ML123456")

    def test_rotation(self):
        person = self._person(
            "system_one", self.company, "base.group_system,ai_system.ai_system_group_manager"
        )
        self._credential("shopee", partner_key="x", access_token="y")
        self._use_keys(KEY_TWO, KEY_ONE)
        path = "/odoo/action-ai_credentials_manager.ai_credential_rotation_action"
        self.start_tour(path, "ai_credential_rotation", login=person.login)
        rotation = self.env["ai.credential.rotation"].search([], limit=1)
        self.assertEqual((rotation.state, rotation.user_id), ("running", person))
        with patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")):
            self.env["ai.credential.rotation"]._cron_rotate()
        self.assertEqual(rotation.state, "done")
        self.start_tour(
            f"/odoo/ai.credential.rotation/{rotation.id}",
            "ai_credential_rotation_done",
            login=person.login,
        )
