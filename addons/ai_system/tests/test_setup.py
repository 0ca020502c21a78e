import json
import logging

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..chatwoot_setup import SUBSCRIPTIONS
from . import fake_chatwoot
from .common import AiSystemCase

SECRETS = (
    fake_chatwoot.ADMIN_TOKEN,
    fake_chatwoot.BOT_TOKEN,
    fake_chatwoot.BOT_SECRET,
    fake_chatwoot.WEBHOOK_SECRET,
    "agents-token",
)


@tagged("post_install", "-at_install")
class TestSetup(AiSystemCase):
    def setUp(self):
        super().setUp()
        self.env["ai.job"].search([])._cancel("not of this test")
        self.sidecar = self._start_sidecar()
        self.chatwoot = fake_chatwoot.FakeChatwoot()
        self.addCleanup(self.chatwoot.close)
        self._connect(self.tenant, self.sidecar.url)
        self.channel = self._channel(url=self.chatwoot.url)

    def _set_up(self, token=fake_chatwoot.ADMIN_TOKEN, **values):
        """Run the wizard as a manager and return the job."""
        wizard = (
            self.env["ai.channel.setup"]
            .with_user(self.manager)
            .create({"channel_id": self.channel.id, "admin_token": token, **values})
        )
        read = wizard.read(["admin_token", "reading_token"])[0]
        self.assertFalse(read["admin_token"] or read["reading_token"])
        wizard.action_setup()
        return self.env["ai.job"].search([("action", "=", "chatwoot_setup")], limit=1)

    def _fails(self, *expected, **values):
        """Set up, and expect a failure whose sentence has all `expected` and no secret."""
        job = self._set_up(**values)
        with self.assertLogs(level=logging.INFO) as logs:
            self._run_sender()
        self.assertEqual(job.state, "failed")
        for text in expected:
            self.assertIn(text, job.error_display)
        self.assertEqual(self.channel.setup_error, job.error_display)
        self.assertFalse(job._setup_token(), "removed, also on failure")
        self._assert_no_secret(job, logs)

    def _assert_no_secret(self, job, logs):
        shown = json.dumps([job.payload, job.result, job.error_message, job.error_display])
        for secret in SECRETS:
            self.assertNotIn(secret, shown + str(logs.output))

    def test_bot_webhook_and_secrets(self):
        audited = []
        self.patch(type(self.tenant), "_audit", lambda tenant, *args: audited.append(args))
        job = self._set_up(account_webhook=True, reading_token="agents-token")
        self.assertFalse(self.chatwoot.requests, "no HTTP in the user's request")
        with self.assertLogs(level=logging.INFO) as logs:
            self._run_sender()
        self.assertEqual(job.state, "done")
        bot, account = self.channel.hook_ids.sorted("kind", reverse=True)
        self.assertEqual([h.kind for h in (bot, account)], ["agent_bot", "account"])
        [made] = self.chatwoot.bots
        self.assertEqual(made["outgoing_url"], bot.webhook_url)
        self.assertEqual(self.chatwoot.on_inbox, {1: made["id"]})
        [webhook] = self.chatwoot.webhooks
        self.assertEqual(webhook["url"], account.webhook_url)
        self.assertEqual(webhook["subscriptions"], list(SUBSCRIPTIONS))
        kept = {
            f"chatwoot_bot_token_{self.channel.id}": fake_chatwoot.BOT_TOKEN,
            f"chatwoot_reading_token_{self.channel.id}": "agents-token",
            f"chatwoot_hook_{bot.id}": fake_chatwoot.BOT_SECRET,
            f"chatwoot_hook_{account.id}": fake_chatwoot.WEBHOOK_SECRET,
        }
        self.assertEqual({ref: self.tenant._get_secret(ref) for ref in kept}, kept)
        self.assertFalse(job._setup_token(), "the administrator's token is used once")
        self._assert_no_secret(job, logs)
        # What was made is pushed at once.
        [envelope] = self.sidecar.bodies("/api/v1/process")
        self.assertEqual(kept.items() - envelope["params"]["secrets"].items(), set())
        self.assertEqual(self.tenant.sync_state, "synced")
        self.assertIn(("setup", self.channel.display_name, "ok", ""), audited)

    def test_doing_it_again_changes_nothing(self):
        self._set_up(account_webhook=True)
        self._run_sender()
        del self.chatwoot.requests[:]
        self._set_up(account_webhook=True)
        self._run_sender()
        self.assertEqual((len(self.chatwoot.bots), len(self.chatwoot.webhooks)), (1, 1))
        self.assertEqual(self.chatwoot.changes(), ["/api/v1/accounts/1/inboxes/1/set_agent_bot"])

    def test_a_new_address_is_given_to_the_bot_there_is(self):
        self._set_up()
        self._run_sender()
        self.channel.hook_ids.action_new_address()
        self._set_up()
        self._run_sender()
        [bot] = self.chatwoot.bots
        self.assertEqual(bot["outgoing_url"], self.channel.hook_ids.webhook_url)

    def test_every_inbox_that_no_mapping_names(self):
        self.channel.inbox_id = 0
        self._channel(url=self.chatwoot.url, inbox_id=2)
        self._set_up()
        self._run_sender()
        self.assertEqual(list(self.chatwoot.on_inbox), [1])

    def test_a_missing_inbox_is_told_with_those_there_are(self):
        self.channel.inbox_id = 5
        self._fails("no inbox 5", "1 (WhatsApp), 2 (Site)")
        self.assertFalse(self.chatwoot.changes())

    def test_a_token_that_is_not_an_administrators(self):
        self._fails("not an administrator's", token="agents-token")

    def test_another_account(self):
        self.channel.chatwoot_account_id = 7
        self._fails("knows no account 7")

    def test_what_answers_is_not_chatwoot(self):
        for answer in (
            (200, b"<html>hello</html>", {}),
            (200, b'{"payload": 1}', {}),
            (302, b"", {"Location": "http://127.0.0.1:1/"}),
            (200, b"[" + b" " * (3 * 1024 * 1024) + b"]", {}),
        ):
            self.chatwoot.queue = [answer]
            self._fails("is not Chatwoot")
        self.chatwoot.queue = [(503, b"", {})]
        self._fails("answered with an error")
        self.chatwoot.queue = [(429, b"Retry later", {})]
        self._fails("too many requests")

    def test_a_stopped_chatwoot_is_told_at_once(self):
        self.chatwoot.close()
        self._fails("does not answer")
        self.chatwoot = fake_chatwoot.FakeChatwoot()
        self.addCleanup(self.chatwoot.close)

    def test_a_chatwoot_that_does_not_sign(self):
        self.chatwoot.signs = False
        self._fails("does not sign its webhooks")
        self.assertFalse(self.chatwoot.on_inbox)
        self.channel.signature = "none"
        job = self._set_up()
        self._run_sender()
        self.assertEqual(job.state, "done")

    def test_private_networks_are_refused_unless_allowed(self):
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("ai_system.allowed_private_hosts", "nothing.example")
        self._fails("is not encrypted")
        self.channel.url = self.chatwoot.url.replace("http:", "https:")
        self._fails("leads into a private network")
        self.assertFalse(self.chatwoot.requests)

    def test_a_cancelled_setup_forgets_the_token(self):
        job = self._set_up()
        job.action_cancel()
        self.assertFalse(job._setup_token())
        with self.assertRaises(UserError):
            job.action_retry()

    def test_tokens_that_cannot_be_one_are_refused_without_being_shown(self):
        for token in ("with blank", "line\nbreak", "ü" * 10, "x" * 201):
            with self.subTest(token=token), self.assertRaises(UserError) as caught:
                self._set_up(token=token)
            self.assertNotIn(token, str(caught.exception))

    def test_needs_a_connected_tenant(self):
        self.tenant.action_disconnect()
        with self.assertRaises(UserError):
            self._set_up()
        self.assertFalse(self.tenant._get_secret(f"chatwoot_admin_token_{self.channel.id}"))
        with self.assertRaises(UserError):
            self.channel.action_set_up()

    def test_a_channel_deleted_meanwhile(self):
        job = self._set_up()
        self.channel.unlink()
        self._run_sender()
        self.assertEqual((job.state, bool(job._setup_token())), ("failed", False))
        self.assertFalse(self.chatwoot.requests)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_other_peoples_channels_are_out_of_reach(self):
        other = self._channel(self.other_tenant, url="https://other.example.com")
        wizards = self.env["ai.channel.setup"]
        for user in (self.manager, self.salesperson):
            with self.assertRaises(AccessError):
                wizards.with_user(user).create({"channel_id": other.id, "admin_token": "x"})
        self.assertFalse(self.other_tenant._get_secret(f"chatwoot_admin_token_{other.id}"))
