from odoo.tests import HttpCase, tagged

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestTours(AiSystemCase, HttpCase):
    def _tour(self, record, name):
        url = f"/odoo/action-ai_system.{record._table}_action/{record.id}"
        self.start_tour(url, name, login=self.manager.login)
        self.env.invalidate_all()

    def test_connect(self):
        self._tour(self.tenant, "ai_tenant_connect")
        self.assertEqual(self.tenant.state, "connecting")
        self.assertEqual(
            self.tenant._get_secret("enrollment_token"), "http://127.0.0.1:1#one-time-secret"
        )
        self.assertTrue(self.tenant.integration_user_id.share)

    def test_the_addresses_to_paste_are_visible_once_connected(self):
        self._channel()
        self._connect(self.tenant, "http://127.0.0.1:1")
        self.tenant._set_checks([{"part": "redis", "state": "ok", "technical_message": "7.2"}])
        self._tour(self.tenant, "ai_tenant_addresses")

    def test_a_channel_is_set_up(self):
        channel = self._channel(inbox_id=5)
        self._connect(self.tenant, "http://127.0.0.1:1")
        self._tour(channel, "ai_channel_setup")
        self.assertEqual(channel.setup_state, "pending")
        job = self.env["ai.job"].search([("action", "=", "chatwoot_setup")], limit=1)
        self.assertEqual(
            (job.payload, job._setup_token()),
            (
                {"account_webhook": True},
                "administrators-token",
            ),
        )

    def test_a_crew_is_edited(self):
        crew = self._crew("sales")
        self._tour(crew, "ai_crew_edit")
        self.assertTrue(crew.enabled)
        self.assertEqual(
            crew._crew_document()["agents"],
            [{"name": "seller", "goal": "Find what fits", "verbose": False,
              "tools": ["product_search"]}],
        )  # fmt: skip
