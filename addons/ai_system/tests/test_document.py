import json

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AiSystemCase

KEYS = """version account_id name client_name domain language timezone currency company_id
    include_shared_records availability crews tools mcp_keys conversation integrations"""
CHANNEL_KEYS = """id name url account_id inbox_id sequence crew owner_phones owner_crew mode
    signature hooks bot_token_ref reading_token_ref"""


@tagged("post_install", "-at_install")
class TestDocument(AiSystemCase):
    def _integrations(self):
        return self.tenant._tenant_document()["integrations"]

    def test_it_follows_the_contract(self):
        channel = self._channel(inbox_id=0, owner_phones="+5511999990000")
        document = self.tenant._tenant_document()
        self.assertEqual(set(document), set(KEYS.split()))
        self.assertEqual((document["domain"], document["client_name"]), ("furniture", "Shop One"))
        parts = document["integrations"]
        self.assertEqual(set(parts), {"control", "mcp", "llm", "redis", "qdrant", "chatwoot"})
        [told] = parts["chatwoot"]["channels"]
        self.assertEqual(set(told), set(CHANNEL_KEYS.split()))
        self.assertIsNone(told["inbox_id"])
        self.assertEqual(told["owner_phones"], ["+5511999990000"])
        [hook] = told["hooks"]
        self.assertEqual(
            (hook["id"], hook["kind"], hook["secret_ref"], len(hook["token_sha256"])),
            (channel.hook_ids.id, "agent_bot", f"chatwoot_hook_{channel.hook_ids.id}", 64),
        )
        self.assertEqual(parts["redis"]["config"], {"prefix": "test_one"})
        nothing = {"collection": None, "url": None, "api_key_ref": None}
        self.assertEqual(parts["qdrant"]["config"], nothing)
        nothing = dict.fromkeys(("base_url", "chat_model", "fallback_chat_model", "api_key_ref"))
        self.assertEqual(parts["llm"]["config"], nothing)

    def test_this_odoo_is_control_and_erp(self):
        parts = self._integrations()
        control = parts["control"]["config"]
        self.assertEqual(control["credential_ref"], "odoo_api_key")
        self.assertEqual(parts["mcp"]["config"], {**control, "timeout": 10, "verify_ssl": True})

    def test_another_odoo_is_only_read(self):
        self.tenant.write(
            {
                "erp_kind": "external",
                "erp_url": "https://erp.example.com/",
                "erp_database": "erp",
                "erp_login": "reader",
                "erp_api_key": "erp-secret",
                "erp_timeout": 20,
            }
        )
        parts = self._integrations()
        self.assertEqual(
            parts["mcp"]["config"],
            {
                "url": "https://erp.example.com",
                "db": "erp",
                "username": "reader",
                "credential_ref": "erp_api_key",
                "timeout": 20,
                "verify_ssl": True,
            },
        )
        self.assertEqual(parts["control"]["config"]["db"], self.env.cr.dbname)
        # An external ERP is leased when needed, never pushed.
        self.assertNotIn("erp_api_key", self.tenant._tenant_secrets())
        self.assertNotIn("erp-secret", json.dumps(parts))

    def test_what_is_half_an_erp_is_refused(self):
        with self.assertRaises(ValidationError):
            self.tenant.write({"erp_kind": "external", "erp_url": "https://erp.example.com"})
        for timeout in (0, 121):
            with self.assertRaises(ValidationError):
                self.tenant.erp_timeout = timeout

    def test_keys_of_the_message_path_travel_beside_the_document(self):
        self.tenant.write({"llm_api_key": "llm-secret", "qdrant_api_key": "qdrant-secret"})
        secrets = self.tenant._tenant_secrets()
        self.assertEqual(secrets["llm_api_key"], "llm-secret")
        self.assertEqual(secrets["qdrant_api_key"], "qdrant-secret")
        parts = self._integrations()
        self.assertEqual(parts["llm"]["config"]["api_key_ref"], "llm_api_key")
        self.assertEqual(parts["qdrant"]["config"]["api_key_ref"], "qdrant_api_key")
        self.assertNotIn("-secret", json.dumps(parts))
        self.assertFalse(self.tenant.read(["llm_api_key"])[0]["llm_api_key"])

    def test_archived_channels_answer_nobody(self):
        self._channel(active=False, bot_token="bot-secret")
        tenant = self.tenant.with_context(active_test=False)
        self.assertEqual(tenant._tenant_document()["integrations"]["chatwoot"]["channels"], [])
        self.assertNotIn("bot-secret", tenant._tenant_secrets().values())

    def test_typed_addresses_are_checked(self):
        for name in ("erp_url", "llm_base_url", "qdrant_url"):
            for url in ("example.com", "file:///etc/passwd", "https://a:b@example.com", "http://"):
                with self.subTest(name=name, url=url), self.assertRaises(ValidationError):
                    self.tenant[name] = url

    @mute_logger("odoo.sql_db")
    def test_names_of_the_stores_are_each_tenants_own(self):
        self.assertEqual(self.tenant.redis_prefix, "test_one")
        for name in ("Shop", "1shop", "a-b", "a:b", "../x"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.tenant.redis_prefix = name
        for name in ("redis_prefix", "qdrant_collection"):
            self.other_tenant[name] = "taken"
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.tenant[name] = "taken"
                self.tenant.flush_recordset()

    def test_a_change_of_the_settings_has_to_be_pushed(self):
        for values in (
            {"client_name": "X"},
            {"llm_chat_model": "x"},
            {"llm_fallback_chat_model": "y"},
            {"erp_phone_country": "55"},
            {"erp_mapping": "orders: {id: number}"},
            {"erp_callback_secret": "x"},
            {"llm_api_key": "x"},
            {"redis_prefix": "x"},
        ):
            self.tenant.sync_state = "synced"
            self.tenant.write(values)
            self.assertEqual(self.tenant.sync_state, "to_sync", values)

    def test_platforms_of_other_addons_are_in_it(self):
        documents = {"mercado_livre": {"enabled": True, "config": {"app_id": "ML1"}}}
        self.patch(type(self.tenant), "_platform_documents", lambda tenant: documents)
        self.assertEqual(self._integrations()["mercado_livre"], documents["mercado_livre"])

    def test_queries_do_not_grow_with_the_channels(self):
        def queries(count):
            channels = [
                {"name": "C", "url": f"https://c{count}.example.com", "inbox_id": n + 1}
                for n in range(count)
            ]
            self.tenant.channel_ids = [Command.clear()] + [Command.create(c) for c in channels]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            document = self.tenant._tenant_document()
            self.assertEqual(len(document["integrations"]["chatwoot"]["channels"]), count)
            return self.env.cr.sql_log_count - before

        queries(1)  # fills the caches of rights and parameters
        few, many = queries(5), queries(50)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 20)


@tagged("post_install", "-at_install")
class TestCrews(AiSystemCase):
    def test_a_new_tenant_has_all_crews_two_of_them_at_work(self):
        enabled = self.tenant.crew_ids.filtered("enabled").mapped("key")
        self.assertEqual(len(self.tenant.crew_ids), 6)
        self.assertEqual(enabled, ["customer_service", "product_management"])
        self.assertTrue(self.tenant._crew_is_enabled("product_management"))
        self.assertFalse(self.tenant._crew_is_enabled("sales"))

    @mute_logger("odoo.sql_db")
    def test_each_crew_and_each_agents_name_once(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["ai.crew"].create({"tenant_id": self.tenant.id, "key": "sales"})
        agent = {"crew_id": self._crew("sales").id, "name": "seller"}
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["ai.agent"].create([agent, agent])

    def test_empty_texts_are_the_services_own(self):
        crew = self._crew("customer_service")
        self.assertEqual(crew._crew_document(), {"enabled": True})
        crew.write({"name": "Atendimento", "description": " "})
        crew.agent_ids = [
            Command.create({"name": "second", "sequence": 20}),
            Command.create(
                {
                    "name": "first",
                    "role": "Attendant",
                    "goal": "Help",
                    "tool_ids": [Command.set(self.env.ref("ai_system.ai_tool_order_status").ids)],
                }
            ),
        ]
        crew.invalidate_recordset()
        self.assertEqual(
            crew._crew_document(),
            {
                "enabled": True,
                "name": "Atendimento",
                "agents": [
                    {
                        "name": "first",
                        "role": "Attendant",
                        "goal": "Help",
                        "verbose": False,
                        "tools": ["order_status"],
                    },
                    {"name": "second", "verbose": False},
                ],
            },
        )

    def test_every_change_has_to_be_pushed(self):
        crew = self._crew("sales")
        agent = self.env["ai.agent"].create({"crew_id": crew.id, "name": "seller"})
        for change in (
            lambda: crew.write({"enabled": True}),
            lambda: agent.write({"role": "Seller"}),
            lambda: agent.copy({"name": "other"}),
            agent.unlink,
        ):
            self.tenant.sync_state = "synced"
            change()
            self.assertEqual(self.tenant.sync_state, "to_sync")

    def test_what_writes_is_known_for_it(self):
        tools = self.env["ai.tool"].search([])
        effects = {tool.code: tool.effect for tool in tools}
        self.assertEqual(
            {code: effect for code, effect in effects.items() if effect != "read"},
            {
                "quotation_create": "write",
                "quotation_add_line": "write",
                "order_reorder": "write",
                "calendar_book": "write",
                "calendar_move": "write",
                "calendar_cancel": "destructive",
                "vector_db": "write",
                "odoo_sync": "write",
            },
        )
        self.assertTrue(all(tool.family and tool.description for tool in tools))
        self.assertTrue(self.env.ref("ai_system.ai_tool_order_status").needs_person)
        self.assertFalse(self.env.ref("ai_system.ai_tool_product_search").needs_person)
