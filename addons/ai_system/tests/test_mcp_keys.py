import hashlib
import json
import time
import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.ai_mcp_key import mcp_url
from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestMcpKeys(AiSystemCase):
    def _key(self, tenant=None, **values):
        tenant = tenant or self.tenant
        return (
            self.env["ai.mcp.key"]
            .with_user(self.manager)
            .create({"name": "Claude", "tenant_id": tenant.id, **values})
        )

    def _told(self, tenant=None):
        return (tenant or self.tenant)._tenant_document()["mcp_keys"]

    def _sync_jobs(self):
        domain = [("tenant_id", "=", self.tenant.id), ("action", "=", "sync_config")]
        return self.env["ai.job"].search(domain)

    def test_the_key_is_shown_once_and_only_its_hash_is_kept(self):
        self.tenant.sidecar_url = "http://127.0.0.1:8000"
        key = self._key()
        self.assertEqual((key.state, self._told()), ("draft", []))
        shown = key.action_make_key()["context"]
        value = shown["default_key"]
        self.assertGreaterEqual(len(value), 40)
        self.assertEqual(key.state, "active")
        told = hashlib.sha256(value.encode()).hexdigest()
        self.assertEqual([one["sha256"] for one in self._told()], [told])
        self.assertEqual(shown["default_url"], "http://127.0.0.1:8001/mcp")
        [server] = json.loads(shown["default_configuration"])["mcpServers"].values()
        self.assertEqual(server["headers"], {"Authorization": f"Bearer {value}"})
        self.assertEqual(server["url"], shown["default_url"])
        self.env.flush_all()
        self.env.cr.execute("SELECT row_to_json(k)::text FROM ai_mcp_key k WHERE id = %s", [key.id])
        self.assertNotIn(value, self.env.cr.fetchone()[0])
        self.assertFalse(self.env["ai.mcp.key.show"]._auto, "the dialog must have no table")
        with self.assertRaises(UserError):
            key.action_make_key()

    def test_what_a_key_may_do_is_told(self):
        tools = self.env["ai.tool"].search([("code", "in", ("stock_levels", "product_search"))])
        customer = self.env["res.partner"].create({"name": "Rita", "company_id": self.company.id})
        key = self._key(tool_ids=tools.ids, write_allowed=True, partner_id=customer.id)
        key.action_make_key()
        [told] = self._told()
        self.assertEqual(
            {name: told[name] for name in ("id", "name", "tools", "write", "partner_id")},
            {
                "id": key.id,
                "name": "Claude",
                "tools": ["product_search", "stock_levels"],
                "write": True,
                "partner_id": customer.id,
            },
        )
        self.assertEqual(told["expires"], key.expires.isoformat() + "Z")

    def test_making_changing_and_revoking_are_pushed_at_once(self):
        self._connect(self.tenant, "http://127.0.0.1:1")
        key = self._key()
        self.assertFalse(self._sync_jobs(), "a key that was not made concerns nobody")
        for change in (
            key.action_make_key,
            lambda: key.write({"write_allowed": True}),
            key.action_revoke,
        ):
            self._sync_jobs().action_cancel()
            version = self.tenant.config_version
            change()
            self.assertIn("pending", self._sync_jobs().mapped("state"))
            self.assertGreater(self.tenant.config_version, version)
        self.assertEqual((key.state, self._told()), ("revoked", []))
        version = self.tenant.config_version
        key.sudo().last_used = fields.Datetime.now()
        self.assertEqual(self.tenant.config_version, version, "a use changes no settings")

    def test_a_key_ends_within_a_year(self):
        now = fields.Datetime.now()
        for expires in (now - timedelta(minutes=1), now + timedelta(days=400)):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._key(expires=expires)
        key = self._key()
        key.action_make_key()
        past = now - timedelta(hours=1)
        self.env.cr.execute("UPDATE ai_mcp_key SET expires = %s WHERE id = %s", [past, key.id])
        key.invalidate_recordset()
        self.assertEqual((key.state, self._told()), ("expired", []))
        version = self.tenant.config_version
        self.env["ai.mcp.key"]._gc_expired()
        self.assertGreater(self.tenant.config_version, version)

    def test_nobody_types_a_fingerprint_or_moves_a_key(self):
        key = self._key()
        for vals in ({"sha256": "a" * 64}, {"revoked_on": False}, {"last_used": False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                key.write(vals)
        with self.assertRaises(AccessError):
            self._key(sha256="a" * 64)
        key.action_make_key()
        with self.assertRaises(UserError):
            key.sudo().tenant_id = self.other_tenant
        with self.assertRaises(UserError):
            key.unlink()
        key.action_revoke()
        key.unlink()

    def test_keys_are_for_administrators_of_the_company(self):
        key = self._key()
        with self.assertRaises(AccessError):
            key.with_user(self.salesperson).read(["name"])
        other = self.env["ai.mcp.key"].create({"name": "Theirs", "tenant_id": self.other_tenant.id})
        with self.assertRaises(AccessError):
            other.with_user(self.manager).action_make_key()
        with self.assertRaises(AccessError):
            key.with_user(self._integration_user(self.tenant)).read(["sha256"])
        stranger = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": self.other_company.id}
        )
        with self.assertRaises(ValidationError):
            key.sudo().partner_id = stranger

    def test_the_audit_tells_when_a_key_was_last_used(self):
        mine = self._key()
        theirs = self.env["ai.mcp.key"].create(
            {"name": "Theirs", "tenant_id": self.other_tenant.id}
        )
        now = int(time.time())

        def row(key_id, at, result="ok"):
            return {
                "uuid": str(uuid.uuid4()), "at": at, "operation": "tool", "subject": "stock_levels",
                "service": f"mcp/{key_id}", "ip": "203.0.113.9", "result": result, "code": "",
                "count": 1,
            }  # fmt: skip

        rows = [
            row(mine.id, now - 60),
            row(mine.id, now - 30),
            row(mine.id, now, "refused"),
            row(mine.id, now + 10**6),
            row(theirs.id, now),
            row("7; DROP", now),
        ]
        self._facade(self.tenant).audit_rows(rows[:3] + rows[4:])
        used = mine.last_used
        self.assertEqual(
            used, fields.Datetime.from_string("1970-01-01") + timedelta(seconds=now - 30)
        )
        self.assertFalse(theirs.last_used)
        self._facade(self.tenant).audit_rows([rows[3]])
        self.assertEqual(mine.last_used, used, "a clock far ahead is not believed")

    def test_the_address_for_clients(self):
        for service, expected in (
            ("http://127.0.0.1:8000", "http://127.0.0.1:8001/mcp"),
            ("http://[::1]:8000/", "http://[::1]:8001/mcp"),
            ("https://ai.example.com", "https://ai.example.com/mcp"),
        ):
            with self.subTest(service=service):
                self.assertEqual(mcp_url(service), expected)
        self.env["ir.config_parameter"].set_param("ai_system.mcp_url", "https://mcp.example.com/x")
        self.assertEqual(self.tenant._mcp_url(), "https://mcp.example.com/x")


@tagged("post_install", "-at_install")
class TestToolSettings(AiSystemCase):
    def test_nothing_writes_until_it_is_switched_on(self):
        document = self.tenant._tenant_document()
        self.assertEqual(document["tools"], {"writes": [], "identity_codes": True})
        tool = self.env.ref("ai_system.ai_tool_quotation_create")
        version = self.tenant.config_version
        self.tenant.with_user(self.manager).write(
            {"writing_tool_ids": [(4, tool.id)], "identity_codes": False}
        )
        self.assertGreater(self.tenant.config_version, version)
        self.assertEqual(
            self.tenant._tenant_document()["tools"],
            {"writes": ["quotation_create"], "identity_codes": False},
        )

    def test_a_reading_tool_is_not_switched_on_as_a_writing_one(self):
        tool = self.env.ref("ai_system.ai_tool_stock_levels")
        with self.assertRaises(ValidationError):
            self.tenant.writing_tool_ids = tool
