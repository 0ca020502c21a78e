from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestChannel(AiSystemCase):
    def test_a_new_channel_has_a_webhook_for_the_agent_bot(self):
        channel = self._channel()
        self.assertEqual(channel.hook_ids.mapped("kind"), ["agent_bot"])
        self.assertGreaterEqual(len(channel.hook_ids.url_token), 43)

    @mute_logger("odoo.sql_db")
    def test_one_webhook_of_each_kind(self):
        channel = self._channel()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["ai.channel.hook"].create({"channel_id": channel.id, "kind": "agent_bot"})

    def test_a_new_address_is_pushed(self):
        self._connect(self.tenant, "https://ai.example.com")
        hook = self._channel().hook_ids
        self.tenant.sync_state = "synced"
        old = hook.webhook_url
        self.assertEqual(old, f"https://ai.example.com/webhook/chatwoot/{hook.url_token}")
        seen = []
        self.patch(type(self.tenant), "_audit", lambda tenant, *args: seen.append(args))
        hook.with_user(self.manager).action_new_address()
        self.assertNotEqual(hook.webhook_url, old)
        self.assertEqual(self.tenant.sync_state, "to_sync")
        self.assertEqual(seen, [("new_address", f"chatwoot_hook_{hook.id}")])

    def test_secrets_are_write_only(self):
        channel = self._channel(bot_token="bot-secret")
        hook = channel.hook_ids
        hook.secret = "hook-secret"
        for record, names in ((channel, ("bot_token", "reading_token")), (hook, ("secret",))):
            for name in names:
                self.assertFalse(record.read([name])[0][name])
                self.assertNotIn("-secret", str(record.export_data([name])))
        self.assertEqual((channel.bot_token_set, channel.reading_token_set), (True, False))
        self.assertTrue(hook.secret_set)
        self.assertEqual(self.tenant._get_secret(f"chatwoot_hook_{hook.id}"), "hook-secret")
        channel.write({"bot_token": False})
        self.assertTrue(channel.bot_token_set, "an empty field means unchanged")

    def test_what_is_typed_does_not_come_back_with_the_saved_form(self):
        channel = self._channel().with_user(self.manager)
        hook = channel.hook_ids
        typed = {
            "bot_token": "planted-1",
            "hook_ids": [Command.update(hook.id, {"secret": "planted-2"})],
        }
        fields = {"fields": {"secret": {}, "secret_state": {}}}
        saved = channel.web_save(typed, {"bot_token": {}, "bot_token_set": {}, "hook_ids": fields})
        self.assertNotIn("planted", str(saved))
        self.assertTrue(saved[0]["bot_token_set"])
        self.assertEqual(saved[0]["hook_ids"][0]["secret_state"], "set")
        self.assertEqual(self.tenant._get_secret(hook._secret_ref("secret")), "planted-2")
        found = self.env["ai.channel.hook"].search_read([("id", "=", hook.id)])
        self.assertNotIn("planted", str(found))

    def test_a_revoked_secret_is_gone_and_evicted(self):
        self._connect(self.tenant, "http://127.0.0.1:1")
        channel = self._channel(bot_token="bot-secret")
        ref = f"chatwoot_bot_token_{channel.id}"
        channel.with_user(self.manager).with_context(secret_name="bot_token").action_revoke_secret()
        self.assertFalse(self.tenant._get_secret(ref))
        self.assertFalse(channel.bot_token_set)
        job = self.env["ai.job"].search([("action", "=", "revoke_secrets")])
        self.assertEqual(job.payload, {"refs": [ref]})

    def test_a_deleted_channel_leaves_no_secret(self):
        channel = self._channel(bot_token="bot-secret")
        channel.hook_ids.secret = "hook-secret"
        refs = channel._all_refs()
        channel.unlink()
        self.assertFalse([ref for ref in refs if self.tenant._get_secret(ref)])

    def test_secrets_follow_a_channel_to_another_tenant(self):
        channel = self._channel(bot_token="bot-secret")
        channel.hook_ids.secret = "hook-secret"
        channel.tenant_id = self.other_tenant
        for ref in (f"chatwoot_bot_token_{channel.id}", f"chatwoot_hook_{channel.hook_ids.id}"):
            self.assertFalse(self.tenant._get_secret(ref))
            self.assertTrue(self.other_tenant._get_secret(ref))

    @mute_logger("odoo.sql_db")
    def test_a_named_inbox_is_mapped_once(self):
        channel = self._channel(inbox_id=5)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._channel(url="https://chat.example.com/ ", inbox_id=5)
        channel.active = False
        channel.flush_recordset()
        self.assertTrue(self._channel(inbox_id=5))

    def test_addresses_of_chatwoot_are_checked(self):
        for url in (
            "chat.example.com",
            "ftp://chat.example.com",
            "https://user:word@chat.example.com",
            "https://chat.example.com?x=1",
            "https://",
        ):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self._channel(url=url, inbox_id=9)

    def test_phone_numbers_are_kept_tidy(self):
        channel = self._channel(
            owner_phones="+55 (11) 99999-0000, +5511888880000\n\n+5511999990000"
        )
        self.assertEqual(channel.owner_phones, "+5511999990000\n+5511888880000")
        for phones in ("11999990000", "+0511999990000", "+55abc", "+5511999990000x"):
            with self.subTest(phones=phones), self.assertRaises(ValidationError):
                channel.owner_phones = phones


@tagged("post_install", "-at_install")
class TestRouting(AiSystemCase):
    def test_a_named_inbox(self):
        channel = self._channel(inbox_id=5, owner_phones="+5511999990000")
        self._crew("analytics").enabled = True
        self.assertIn(
            "Inbox 5 of Chatwoot 1 → test_one → Customer Service, because this mapping names the "
            "inbox.",
            channel.routing_preview,
        )
        self.assertIn("+5511999990000 → Analytics, because the number is", channel.routing_preview)
        self.assertIn("→ nobody, because no mapping names it", channel.routing_preview)
        self.assertFalse(channel.routing_warning)

    def test_the_rest_goes_to_the_lowest_sequence(self):
        named = self._channel(inbox_id=5)
        second = self._channel(inbox_id=0, sequence=20, crew="product_management")
        first = self._channel(inbox_id=0, sequence=10, name="First")
        self.assertIn(
            "Any other inbox of Chatwoot 1 → test_one → Customer Service", named.routing_preview
        )
        self.assertIn("because this mapping takes the rest", first.routing_preview)
        self.assertIn("has a lower sequence", second.routing_preview)

    def test_a_mapping_of_another_company_shows_as_that_only(self):
        channel = self._channel(inbox_id=5)
        self._channel(self.other_tenant, inbox_id=0, name="Theirs")
        preview = channel.with_user(self.manager).routing_preview
        self.assertIn("a mapping of another company", preview)
        self.assertNotIn("test_two", preview)
        self.assertNotIn("Theirs", preview)

    def test_a_disabled_crew_is_told_with_the_services_sentence(self):
        channel = self._channel(crew="sales", owner_phones="+5511999990000")
        self.assertEqual(
            channel.routing_warning, "Crew sales is not enabled for account_id test_one"
        )
        self.assertIn("like any customer", channel.routing_preview)
        portuguese = channel.with_context(lang="pt_BR")
        self.assertIn(
            "Crew sales não está habilitada para account_id test_one", portuguese.routing_warning
        )

    def test_the_form_previews_before_it_is_saved(self):
        with Form(self.env["ai.channel"].with_user(self.manager)) as form:
            form.name = "New"
            form.tenant_id = self.tenant
            form.url = "https://chat.example.com"
            form.inbox_id = 8
            form.owner_phones = "+55 11 99999-0000"
            self.assertIn("Inbox 8 of Chatwoot 1 → test_one", form.routing_preview)
            self.assertIn("+5511999990000", form.routing_preview)

    def test_texts_are_escaped(self):
        self.assertNotIn("<b>", self._channel(owner_phones=False, name="<b>").routing_preview)
