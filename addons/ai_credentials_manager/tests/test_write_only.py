import io
import json
import logging

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common import PLANTED, CredentialsCase

LINE_SPEC = {
    "name": {},
    "ref": {},
    "is_secret": {},
    "value": {},
    "new_value": {},
    "is_set": {},
    "status": {},
    "masked": {},
    "fingerprint": {},
}
SPEC = {"name": {}, "platform": {}, "reference": {}, "line_ids": {"fields": LINE_SPEC}}


@tagged("post_install", "-at_install")
class TestWriteOnly(CredentialsCase):
    """A secret goes in and comes back in no answer, whoever asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credential = cls._credential("shopee", partner_key=PLANTED)
        cls.line = cls.credential.line_ids
        cls.admin = cls.env.ref("base.user_admin")
        cls.admin.write({"company_ids": [Command.link(cls.company.id)]})
        cls.admin.company_id = cls.company
        exporters = cls.env.ref("base.group_allow_export")
        (cls.manager | cls.admin).write({"group_ids": [Command.link(exporters.id)]})

    def _assert_clean(self, answer):
        self.assertNotIn(PLANTED, json.dumps(answer, default=str))
        self.assertNotIn(PLANTED, str(answer))

    def _people(self):
        yield "manager", self.env(user=self.manager)
        yield "admin", self.env(user=self.admin)
        yield "superuser", self.env(su=True)

    def test_it_is_really_stored(self):
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), PLANTED)
        self.assertEqual(self.line.status, "set")
        self.assertEqual(self.line.masked, "••••4711")

    def test_reads(self):
        for who, env in self._people():
            line, credential = self.line.with_env(env), self.credential.with_env(env)
            line.invalidate_recordset()
            names = [n for n, f in line._fields.items() if line._has_field_access(f, "read")]
            answers = {
                "read": line.read(names),
                "search_read": line.search_read([("id", "=", line.id)], names),
                "web_read": credential.web_read(SPEC),
                "web_search_read": credential.web_search_read([], SPEC),
                "export": line.export_data(["name", "new_value", "value", "masked"]),
                "export through the credential": credential.export_data(
                    ["name", "line_ids/new_value", "line_ids/value"]
                ),
                "copy_data": line.copy_data(),
                "copy_data of the credential": credential.copy_data(),
                "default_get": line.with_context(default_new_value="x").default_get(["ref"]),
                "name_search": line.name_search(PLANTED[:4]),
                "fields_get": line.fields_get(),
                "read_group": line.formatted_read_group([], ["ref"], ["__count"]),
            }
            for shape, answer in answers.items():
                with self.subTest(who=who, shape=shape):
                    self._assert_clean(answer)
            self.assertFalse(line.new_value)

    def test_ciphertext_is_for_nobody(self):
        for env in (self.env(user=self.manager), self.env(user=self.admin)):
            line = self.line.with_env(env)
            self.assertNotIn("ciphertext", line.fields_get())
            for ask in (
                lambda line=line: line.read(["ciphertext"]),
                lambda line=line: line.search([("ciphertext", "like", "v1")]),
                lambda line=line: line.formatted_read_group([], ["ciphertext"]),
                lambda line=line: line.export_data(["ciphertext"]),
            ):
                with self.assertRaises(AccessError):
                    ask()
            with self.assertRaises(UserError):
                line.write({"ciphertext": "v1.00000000.AAAA"})
            with self.assertRaises(AccessError):
                line.tenant_id.read(["sealed_secrets"])

    def test_what_was_typed_cannot_be_searched_or_grouped(self):
        for who, env in self._people():
            line = self.line.with_env(env)
            for name, ask in {
                "search": lambda line=line: line.search([("new_value", "=", PLANTED)]),
                "like": lambda line=line: line.search([("new_value", "like", "planted%")]),
                "group": lambda line=line: line.formatted_read_group([], ["new_value"]),
                "order": lambda line=line: line.search([], order="new_value"),
            }.items():
                with self.subTest(who=who, shape=name), self.assertRaises(ValueError):
                    ask()

    def test_save_does_not_answer_with_it(self):
        other = PLANTED + "-2"
        for who, env in self._people():
            credential = self.credential.with_env(env)
            vals = {"line_ids": [Command.update(self.line.id, {"new_value": other})]}
            with self.subTest(who=who):
                self._assert_clean(credential.web_save(vals, SPEC))
                self._assert_clean(
                    self.line.with_env(env).web_save({"new_value": other}, LINE_SPEC)
                )
                self.assertFalse(self.line.with_env(env).new_value)
                self.assertEqual(self.tenant._get_secret("shopee_partner_key"), other)

    def test_new_record_does_not_answer_with_it(self):
        vals = {
            "name": "Telegram",
            "platform": "telegram",
            "tenant_id": self.tenant.id,
            "line_ids": [Command.create({"name": "bot_token", "new_value": PLANTED})],
        }
        answer = self.env["ai.credential"].with_user(self.manager).web_save(vals, SPEC)
        self._assert_clean(answer)
        self.assertEqual(self.tenant._get_secret("telegram_bot_token"), PLANTED)

    def test_onchange_does_not_echo_it(self):
        credentials = self.env["ai.credential"].with_user(self.manager)
        lines = [
            [1, self.line.id, {"new_value": PLANTED, "name": "partner_key"}],
            [0, "virtual_1", {"new_value": PLANTED, "name": "x", "is_secret": True}],
        ]
        for changed in ("platform", "name", "line_ids"):
            values = {"name": "a", "platform": "other", "line_ids": lines}
            answer = self.credential.with_user(self.manager).onchange(values, [changed], SPEC)
            self._assert_clean(answer)
            values = {"name": "a", "platform": "amazon", "line_ids": lines[1:]}
            self._assert_clean(credentials.onchange(values, [changed], SPEC))
        line = self.line.with_user(self.manager)
        values = {"name": "partner_key", "new_value": PLANTED}
        self._assert_clean(line.onchange(values, ["new_value"], LINE_SPEC))
        self._assert_clean(line.onchange(values, ["name"], LINE_SPEC))

    def test_form_saves_it_and_shows_nothing(self):
        with Form(self.env["ai.credential"].with_user(self.manager)) as form:
            form.platform = "mercado_livre"
            self.assertEqual(form.name, "Mercado Livre")
            with form.line_ids.edit(1) as line:
                self.assertEqual(line.ref, "mercado_livre_client_secret")
                line.new_value = PLANTED
        lines = form.record.line_ids
        self.assertEqual(lines.mapped("status"), [False, "set", "not_set", "not_set"])
        self.assertEqual(self.tenant._get_secret("mercado_livre_client_secret"), PLANTED)

    def test_no_column_and_no_message_holds_it(self):
        self.credential.tenant_id.message_post(body="A credential was stored.")
        self.env.flush_all()
        tables = ["ai_credential", "ai_credential_line", "ai_tenant", "ai_job", "mail_message"]
        tables += ["mail_tracking_value", "ir_config_parameter", "mail_activity"]
        found = []
        for table in tables:
            self.env.cr.execute(
                f"SELECT count(*) FROM {table} row WHERE row::text LIKE %s", [f"%{PLANTED}%"]
            )
            if self.env.cr.fetchone()[0]:
                found.append(table)
        self.assertEqual(found, [])

    def test_no_log_and_no_error_holds_it(self):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        root = logging.getLogger()
        root.addHandler(handler)
        self.addCleanup(root.removeHandler, handler)
        self.line.with_user(self.manager).write({"new_value": PLANTED})
        attempts = {
            "too long": {"new_value": PLANTED * 2000},
            "wrong reference": {"ref": "not allowed!", "name": "a b", "new_value": PLANTED},
            "kept by Odoo": {"last_four": "abcd", "new_value": PLANTED},
        }
        for name, vals in attempts.items():
            with self.subTest(name), self.assertRaises(UserError) as caught:
                self.credential.line_ids.with_user(self.manager).write(vals)
            self.assertNotIn(PLANTED, str(caught.exception))
        self.tenant._get_secret("shopee_partner_key")
        self.assertNotIn(PLANTED, stream.getvalue())

    def test_empty_value_keeps_what_is_stored(self):
        for empty in (False, "", None):
            self.line.with_user(self.manager).write({"new_value": empty})
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), PLANTED)

    def test_public_parameter_takes_no_secret(self):
        line = self.env["ai.credential.line"].create(
            {
                "credential_id": self.credential.id,
                "name": "shop_id",
                "is_secret": False,
                "value": "77",
            }
        )
        with self.assertRaisesRegex(UserError, "not a secret"):
            line.write({"new_value": "x"})
        line.write({"is_secret": True})
        self.assertFalse(line.value)

    def test_short_secret_shows_no_character(self):
        self.line.write({"new_value": "fifteen-letters"})
        self.assertFalse(self.line.last_four)
        self.assertEqual(self.line.masked, "••••••••")

    def test_people_cannot_forge_what_odoo_keeps(self):
        line = self.line.with_user(self.manager)
        for name, value in {
            "is_set": False,
            "last_four": "0000",
            "fingerprint": "0" * 8,
            "set_by": self.salesperson.id,
            "last_used": "2026-01-01",
        }.items():
            with self.subTest(name), self.assertRaises(UserError):
                line.write({name: value})
        with self.assertRaises(UserError):
            self.credential.with_user(self.manager).write({"reference": "mine"})

    def test_stored_secret_stays_in_its_place(self):
        other = self._credential("amazon")
        line = self.line.with_user(self.manager)
        for vals in ({"credential_id": other.id}, {"ref": "elsewhere"}, {"is_secret": False}):
            with self.subTest(vals), self.assertRaises(UserError):
                line.write(vals)
        for vals in ({"tenant_id": self.other_tenant.id}, {"platform": "amazon"}):
            with self.subTest(vals), self.assertRaises(UserError):
                self.credential.write(vals)


@tagged("post_install", "-at_install")
class TestWriteOnlyOverHttp(CredentialsCase, HttpCase):
    """The browser's own calls, with the bytes that travel."""

    def _call(self, model, method, args, **kwargs):
        body = {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
        answer = self.url_open(f"/web/dataset/call_kw/{model}/{method}", json=body)
        return answer.text

    def test_answers(self):
        credential = self._credential("shopee", partner_key="before")
        line = credential.line_ids
        self.authenticate(self.manager.login, self.manager.login)
        vals = {"line_ids": [[1, line.id, {"new_value": PLANTED}]]}
        answers = [
            self._call("ai.credential", "web_save", [[credential.id], vals, SPEC]),
            self._call("ai.credential", "web_read", [[credential.id], SPEC]),
            self._call("ai.credential.line", "read", [[line.id]]),
            self._call("ai.credential.line", "export_data", [[line.id], ["new_value"]]),
        ]
        # An error's answer and its log carry a traceback.
        with self.assertLogs("odoo.http") as logs:
            for vals in ({"ref": "!", "new_value": PLANTED}, {"oops": 1, "new_value": PLANTED}):
                answers.append(self._call("ai.credential.line", "write", [[line.id], vals]))
            domain = [("new_value", "=", "x")]
            answers.append(self._call("ai.credential.line", "search", [domain]))
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), PLANTED)
        self.assertIn("4711", answers[0])
        self.assertIn("Traceback", answers[-1])
        for answer in [*answers, *logs.output]:
            self.assertNotIn(PLANTED, answer)
            self.assertNotRegex(answer, r"v1\.[0-9a-f]{8}\.")
