from odoo.tests import HttpCase, tagged

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestTours(AiSystemCase, HttpCase):
    def test_connect(self):
        self.start_tour(
            f"/odoo/action-ai_system.ai_tenant_action/{self.tenant.id}",
            "ai_tenant_connect",
            login=self.manager.login,
        )
        self.assertEqual(self.tenant.state, "connecting")
        self.assertEqual(
            self.tenant._get_secret("enrollment_token"), "http://127.0.0.1:1#one-time-secret"
        )
        self.assertTrue(self.tenant.integration_user_id.share)
