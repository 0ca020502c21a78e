"""The lease door with real HTTP requests: what it gives, what it refuses, what it never tells."""

import http.client
import json
import logging
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from odoo.addons.ai_system import signing

from ..audit_writer import AuditUnavailable, AuditWriter
from ..controllers import lease
from ..controllers.lease import MAX_BODY, PATH
from .common import PLANTED, CredentialsCase

KEY, KEY_ID = "signing-key-of-the-test", "key-1"
REF = "mercado_livre_client_secret"


class LeaseCase(CredentialsCase, HttpCase):
    """The first tenant has signing keys and one secret."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        path = Path(folder.name) / "lease.anchor"
        log = cls.registry["ai.audit.log"]
        cls.startClassPatcher(patch.object(log, "_anchor_path", lambda self: path))
        cls.tenant._set_secret("signing_key", KEY)
        cls.tenant._set_secret("signing_key_id", KEY_ID)
        cls.credential = cls._credential("mercado_livre", client_secret=PLANTED)
        cls.env.flush_all()
        cls.env.cr.flush()

    def setUp(self):
        super().setUp()
        for table in ("ai_audit_log", "ai_audit_head", "ai_audit_burst", "ai_nonce"):
            self.env.cr.execute(f"DELETE FROM {table}")  # rolled back with the test

    def _body(self, ref=REF, purpose="mcp"):
        return json.dumps({"ref": ref, "purpose": purpose}).encode()

    def _signed(self, body, account="test_one", key=KEY, key_id=KEY_ID, path=PATH, **more):
        more.setdefault("direction", signing.TO_ODOO)
        return signing.sign(key, key_id, account, "POST", path, body, **more)

    def _post(self, body=None, headers=None, path=PATH, **more):
        """Send a request, signed unless `headers` are given; return the response."""
        body = self._body() if body is None else body
        headers = self._signed(body, **more) if headers is None else headers
        self.env.flush_all()
        headers = {"Content-Type": "application/json", **headers}
        return self.url_open(path, data=body, headers=headers, method="POST")

    def _rows(self):
        """Return (result, code, subject, account, count) of the lease rows."""
        self.env.cr.execute(
            "SELECT result, code, subject, account, count FROM ai_audit_log"
            " WHERE operation = 'lease' ORDER BY sequence"
        )
        return self.env.cr.fetchall()

    def _assert_refused(self, response, status, code):
        self.assertEqual(response.status_code, status, response.text)
        answer = response.json()
        self.assertEqual(answer.keys(), {"success", "error", "request_id"})
        self.assertIs(answer["success"], False)
        self.assertEqual(answer["error"].keys(), {"code", "message", "details"})
        self.assertEqual((answer["error"]["code"], answer["error"]["details"]), (code, {}))
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertNotIn("Set-Cookie", response.headers)
        for text in (PLANTED, KEY, "Traceback", "odoo"):
            self.assertNotIn(text, response.text)
        return answer["error"]["message"]


@tagged("post_install", "-at_install")
class TestLease(LeaseCase):
    def test_a_signed_request_gets_the_secret(self):
        response = self._post()
        self.assertEqual(response.status_code, 200, response.text)
        answer = response.json()
        data = answer["data"]
        self.assertEqual(answer.keys(), {"success", "data", "request_id"})
        self.assertEqual(
            {k: v for k, v in data.items() if k != "lease_id"},
            {"ref": REF, "value": PLANTED, "expires_in": 300},
        )
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertNotIn("Set-Cookie", response.headers)
        self.assertEqual(self._rows(), [("ok", None, REF, "test_one", 1)])
        self.env.cr.execute("SELECT uuid, service, ip, user_id, login FROM ai_audit_log")
        self.assertEqual(
            self.env.cr.fetchall(), [(data["lease_id"], "sidecar mcp", "127.0.0.1", None, None)]
        )
        self.assertTrue(self._line(REF).last_used)

    def test_values_of_every_alphabet_arrive_whole(self):
        value = "pão-de-açúcar-▸-" + "ü" * 40
        self._credential("shopee", partner_key=value)
        self.assertEqual(
            self._post(self._body("shopee_partner_key")).json()["data"]["value"], value
        )

    def test_each_lease_is_a_row(self):
        for _number in range(3):
            self._post()
        self.assertEqual([row[0] for row in self._rows()], ["ok"] * 3)

    def test_both_keys_of_a_rotation_are_accepted(self):
        self.tenant._set_secret("previous_signing_key", KEY)
        self.tenant._set_secret("previous_signing_key_id", KEY_ID)
        self.tenant._set_secret("signing_key", "the-new-key")
        self.tenant._set_secret("signing_key_id", "key-2")
        for key, key_id in ((KEY, KEY_ID), ("the-new-key", "key-2")):
            self.assertEqual(self._post(key=key, key_id=key_id).status_code, 200)
        response = self._post(key=KEY, key_id="key-2")
        self._assert_refused(response, 401, "unauthorized")

    def test_a_query_is_part_of_what_is_signed(self):
        path = f"{PATH}?via=proxy%20one"
        self.assertEqual(
            self._post(path=path, headers=self._signed(self._body(), path=path)).ok, True
        )
        response = self._post(path=path, headers=self._signed(self._body(), path=PATH))
        self._assert_refused(response, 401, "unauthorized")

    def test_whatever_is_wrong_with_the_signature_is_the_same_401(self):
        body = self._body()
        good = self._signed(body)
        account = good["X-AI-Account"]
        wrong = {
            "nothing": {},
            "unknown account": self._signed(body, account="test_nine"),
            "another tenant": self._signed(body, account="test_two"),
            "malformed account": self._signed(body, account="../test_one"),
            "unknown key id": self._signed(body, key_id="key-9"),
            "wrong key": self._signed(body, key="wrong"),
            "empty key": self._signed(body, key="", key_id=""),
            "too old": self._signed(body, timestamp=int(time.time()) - 302),
            "from the future": self._signed(body, timestamp=int(time.time()) + 302),
            "wrong direction": self._signed(body, direction=signing.TO_SIDECAR),
            "wrong path": self._signed(body, path="/ai_system/leases"),
            "wrong method": signing.sign(
                KEY, KEY_ID, "test_one", "GET", PATH, body, direction=signing.TO_ODOO
            ),
            "other body": self._signed(self._body("erp_api_key")),
            "short nonce": self._signed(body, nonce="short"),
            "not ASCII": {**good, "X-AI-Key-Id": "ké".encode().decode("latin-1")},
            "not ASCII account": {**good, "X-AI-Account": "tést".encode().decode("latin-1")},
            "very long": {**good, "X-AI-Nonce": "n" * 8000},
            "long account": {**good, "X-AI-Account": "a" * 8000},
            "no hex": {**good, "X-AI-Signature": "v1=" + "g" * 64},
            "other version": {**good, "X-AI-Signature": "v2=" + good["X-AI-Signature"][3:]},
            "words for a time": {**good, "X-AI-Timestamp": "now"},
            "negative time": {**good, "X-AI-Timestamp": "-5"},
            "two accounts": {**good, "X-AI-Account": f"{account},{account}"},
        }
        messages = set()
        for name, headers in wrong.items():
            with self.subTest(name):
                messages.add(self._assert_refused(self._post(body, headers), 401, "unauthorized"))
        self.assertEqual(len(messages), 1)
        rows = self._rows()
        self.assertEqual({row[0] for row in rows}, {"refused"})
        self.assertNotIn("ok", [row[0] for row in rows])
        # Collapsed: what is unknown, what names the first tenant, what names the second.
        self.assertEqual(
            sorted((row[1], row[3] or "") for row in rows),
            [
                ("unknown_account", ""),
                ("wrong_signature", "test_one"),
                ("wrong_signature", "test_two"),
            ],
        )
        self.assertEqual(self._post(body, good).status_code, 200, "the good one still passes")

    def test_duplicated_headers_are_refused(self):
        body = self._body()
        headers = self._signed(body)
        for doubled in headers:
            with self.subTest(doubled), self.allow_requests():
                connection = http.client.HTTPConnection("127.0.0.1", self.http_port(), timeout=12)
                connection.putrequest("POST", PATH)
                sent = [*headers.items(), (doubled, headers[doubled])]
                sent += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
                sent += [("Cookie", f"{TEST_CURSOR_COOKIE_NAME}={self.http_request_key}")]
                for name, value in sent:
                    connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                answer = json.loads(response.read())
                connection.close()
                self.assertEqual((response.status, answer["error"]["code"]), (401, "unauthorized"))

    def test_a_request_is_not_served_twice(self):
        body = self._body()
        headers = self._signed(body)
        self.assertEqual(self._post(body, headers).status_code, 200)
        self._assert_refused(self._post(body, headers), 401, "unauthorized")
        self.assertEqual(
            [row[:2] for row in self._rows()], [("ok", None), ("refused", "reused_nonce")]
        )

    def test_a_nonce_stays_spent_when_the_answer_failed(self):
        body = self._body("nothing")
        headers = self._signed(body)
        self._assert_refused(self._post(body, headers), 404, "not_found")
        self._assert_refused(self._post(body, headers), 401, "unauthorized")

    def test_what_is_not_to_be_had_is_404(self):
        self._credential("shopee", tenant=self.other_tenant, partner_key="others-secret-value")
        self._credential("amazon")
        for ref in (
            "unknown",
            "shopee_partner_key",
            "amazon_client_secret",
            "signing_key",
            "signing_key_id",
            "previous_signing_key",
            "enrollment_token",
            "chatwoot_admin_token_1",
        ):
            with self.subTest(ref=ref):
                self._assert_refused(self._post(self._body(ref)), 404, "not_found")
        self.assertEqual({row[0] for row in self._rows()}, {"refused"})

    def test_revoked_expired_and_archived_secrets_are_404(self):
        self.assertEqual(self._post().status_code, 200)
        self.credential.active = False
        self._assert_refused(self._post(), 404, "not_found")
        self.credential.active = True
        self._line(REF)._seal(PLANTED)
        self.assertEqual(self._post().status_code, 200)
        self.credential.expiry_date = fields.Date.today() - timedelta(days=2)
        self._assert_refused(self._post(), 404, "not_found")
        self.credential.expiry_date = False
        self._line(REF)._revoke()
        self._assert_refused(self._post(), 404, "not_found")

    def test_an_archived_tenant_is_unknown(self):
        self.tenant.active = False
        self._assert_refused(self._post(), 401, "unauthorized")

    def test_bodies_that_are_no_question(self):
        for body in (
            b"",
            b"nonsense",
            b"[]",
            b'"text"',
            b"\xff\xfe",
            b"[" * 2000,
            b'{"ref": "erp_api_key"}',
            b'{"ref": 5, "purpose": "mcp"}',
            b'{"ref": "erp_api_key", "purpose": null}',
            b'{"ref": "erp_api_key", "purpose": "mcp", "account_id": "test_two"}',
            self._body("../etc"),
            self._body("r" * 129),
            self._body(purpose=""),
            self._body(purpose="m\nx"),
        ):
            with self.subTest(body=body[:60]):
                self._assert_refused(self._post(body), 400, "bad_request")

    def test_a_large_body_is_413_of_whatever_kind(self):
        # The router's transaction is rolled back, and in a test the row's with it.
        rows = []
        kept = patch.object(AuditWriter, "append_refusal", lambda writer, row: rows.append(row))
        for size in (MAX_BODY + 1, 100_000, 1_000_000):
            for kind in ("application/json", "application/x-www-form-urlencoded"):
                with self.subTest(size=size, kind=kind), kept:
                    headers = {**self._signed(b""), "Content-Type": kind}
                    response = self._post(b"x" * size, headers)
                    self._assert_refused(response, 413, "payload_too_large")
        self.assertEqual([row["code"] for row in rows], ["payload_too_large"] * 6)
        self.assertNotEqual(self._post(b"x" * MAX_BODY).status_code, 413)

    def test_other_methods_and_forms_get_nothing(self):
        self.assertEqual(self.url_open(PATH).status_code, 405)
        body = b"ref=erp_api_key&purpose=mcp"
        headers = {**self._signed(body), "Content-Type": "application/x-www-form-urlencoded"}
        response = self._post(body, headers)
        self.assertIn(response.status_code, (400, 401))
        self.assertNotIn(PLANTED, response.text)

    def test_a_session_makes_no_difference(self):
        self.authenticate("manager_one", "manager_one")
        self._assert_refused(self._post(headers={}), 401, "unauthorized")
        self.env.cr.execute("SELECT user_id, login, service FROM ai_audit_log")
        self.assertEqual(self.env.cr.fetchall(), [(None, None, None)])

    def test_without_a_key_of_the_vault_nothing_leaves(self):
        with patch.dict(os.environ, {"AI_CREDENTIALS_KEYS": "# none"}):
            self._assert_refused(self._post(), 503, "unavailable")
        self.assertEqual(self._rows(), [("error", "vault_unavailable", None, None, 1)])

    def test_without_the_access_log_nothing_leaves(self):
        def fail(*_args):
            raise AuditUnavailable

        with (
            patch.object(AuditWriter, "append", fail),
            self.assertLogs("odoo.addons.ai_credentials_manager.controllers.lease", "ERROR"),
        ):
            self._assert_refused(self._post(), 503, "unavailable")
            self._assert_refused(self._post(headers={}), 503, "unavailable")

    def test_the_row_is_there_before_the_answer(self):
        order = []
        append = AuditWriter.append

        def note(writer, rows):
            append(writer, rows)
            order.append("row")

        def note_answer(*args):
            order.append("answer")
            return answer(*args)

        answer = lease._answer
        with patch.object(AuditWriter, "append", note), patch.object(lease, "_answer", note_answer):
            self._post()
        self.assertEqual(order, ["row", "answer"])

    def test_an_unforeseen_failure_shows_nothing(self):
        lines = type(self.env["ai.credential.line"])
        with (
            patch.object(lines, "_lease", side_effect=RuntimeError("unforeseen")),
            self.assertLogs("odoo.addons.ai_credentials_manager.controllers.lease", "ERROR"),
        ):
            self._assert_refused(self._post(), 503, "unavailable")
        self.assertEqual(self._rows(), [("error", "internal_error", REF, "test_one", 1)])

    def test_the_secret_is_in_no_log_and_in_no_row(self):
        records = []

        class Collector(logging.Handler):
            def emit(self, record):
                records.append(f"{record.getMessage()} {record.exc_info}")

        collector, root = Collector(), logging.getLogger()
        root.addHandler(collector)
        self.addCleanup(root.removeHandler, collector)
        self._post()
        self._post(headers={})
        self.assertTrue(records)
        self.assertFalse([text for text in records if PLANTED in text or KEY in text])
        self.env.cr.execute("SELECT * FROM ai_audit_log")
        self.assertNotIn(PLANTED, str(self.env.cr.fetchall()))

    def test_a_flood_is_one_row_and_a_count(self):
        for _number in range(12):
            self._post(headers={})
        self.assertEqual(self._rows(), [("refused", "unknown_account", None, None, 1)])
        self.env.cr.execute("UPDATE ai_audit_burst SET started_at = started_at - interval '2 min'")
        self.env["ai.audit.log"]._cron_append_bursts()
        self.assertEqual([row[4] for row in self._rows()], [1, 11])

    def test_an_unknown_account_takes_as_long_as_a_wrong_signature(self):
        def queries(**more):
            body = self._body()
            self._post(body, **more)  # caches are warm
            counted = []
            execute = type(self.env.cr).execute
            with patch.object(
                type(self.env.cr),
                "execute",
                lambda cr, *args, **kw: (counted.append(args[0]), execute(cr, *args, **kw))[1],
            ):
                self._post(body, **more)
            return [str(query) for query in counted if "ai_" in str(query)]

        known, unknown = queries(key="wrong"), queries(account="test_nine")
        self.assertLessEqual(abs(len(known) - len(unknown)), 1, (known, unknown))
        self.assertTrue([query for query in unknown if "ciphertext" in query])
