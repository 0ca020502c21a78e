import json
import tempfile
import time
import uuid
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models import ai_audit_log
from .common import CredentialsCase

NAME, PHONE, EMAIL = "Zuleide Quaresma", "98765-4321", "zuleide@example.com"
WORDS = ("zuleide", "quaresma", PHONE)


@tagged("post_install", "-at_install")
class TestErasureOfAPerson(CredentialsCase):
    """After an erasure nobody finds the person in what the AI keeps; the log stays intact."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        log = cls.registry["ai.audit.log"]
        cls.startClassPatcher(
            patch.object(
                log, "_cursor_opener", lambda self: lambda: ai_audit_log._same_cursor(cls.env.cr)
            )
        )
        # The log of the database has an end of its own, in a file that a test leaves alone.
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.anchor_path = Path(folder.name) / "test.anchor"
        cls.startClassPatcher(patch.object(log, "_anchor_path", lambda self: cls.anchor_path))
        cls.env.cr.execute("DELETE FROM ai_audit_log; DELETE FROM ai_audit_head")
        cls.tenant._ensure_integration_user()
        cls.channel = cls._channel()
        cls.conversation = f"{cls.channel.id}-123"

    def setUp(self):
        super().setUp()
        self._connect(self.tenant, "http://127.0.0.1:1")
        self.env.flush_all()
        self.env.cr.precommit.clear()
        self.facade = self._facade(self.tenant)
        self.anchor_path.unlink(missing_ok=True)

    def _trace(self, **changes):
        said = f"Sou a {NAME}, {PHONE}, {EMAIL}"
        row = {
            "uuid": str(uuid.uuid4()),
            "at": time.time() - 60,
            "channel_id": self.channel.id,
            "conversation": "123",
            "contact_id": 41,
            "contact_name": NAME,
            "question": said,
            "answer": f"Olá, {NAME}!",
            "outcome": "handed_off",
            "reason": "unsure",
            "steps": [{"kind": "tool", "name": "customer_identify", "ms": 1, "told": said}],
            "sources": [{"kind": "profile", "id": "1", "title": NAME}],
            **changes,
        }
        self.facade.turn_traces([row])
        return self.env["ai.conversation.turn"].search([("uuid", "=", row["uuid"])])

    def _write(self, name=NAME, conversation=None):
        who = {
            "name": name,
            "channel": "WhatsApp",
            "conversation": conversation or self.conversation,
            "proof": "channel",
        }
        record = self.env["res.partner"].create({"name": "S00071"})
        self.facade._note_write(self.tenant, "quotation_create", record, who)
        self.env.cr.precommit.run()

    def _call(self, subject, operation="tool"):
        self.facade.audit_rows(
            [
                {
                    "uuid": str(uuid.uuid4()),
                    "at": time.time(),
                    "operation": operation,
                    "subject": subject,
                    "service": "worker",
                    "ip": "",
                    "result": "ok",
                    "code": "",
                    "count": 1,
                }
            ]
        )

    def _log(self):
        self.env.invalidate_all()
        rows = self.env["ai.audit.log"].with_user(self.manager).search([], order="sequence")
        return rows.mapped("subject_text")

    def _tables(self):
        """Return the tables of the AI's models with rows that still tell of the person."""
        self.env.flush_all()
        found = set()
        for name, model in self.env.registry.items():
            if name.startswith("ai.") and model._auto and not model._abstract:
                self.env.cr.execute(
                    f"SELECT count(*) FROM {model._table} t WHERE t::text ILIKE ANY(%s)",
                    [[f"%{word}%" for word in WORDS]],
                )
                found |= {name} if self.env.cr.fetchone()[0] else set()
        return found

    def _forget(self, turn):
        action = turn.with_user(self.manager).action_forget_contact()
        self.env.cr.precommit.run()
        return self.env["ai.contact.erasure"].browse(action["res_id"])

    def test_nothing_of_the_ai_tells_of_an_erased_person(self):
        turn = self._trace()
        others = {
            "contact_id": 42, "contact_name": "João", "answer": "", "steps": [], "sources": [],
        }  # fmt: skip
        other = self._trace(conversation="124", question="Aceitam cheque?", **others)
        shared = self.env["ai.conversation.turn"].union(
            *(
                self._trace(conversation="125", question=question, **others)
                for question in ("Aceitam vale?", "Trocam lâmpada?", "Montam armário?")
            )
        )
        shared.gap_id = turn.gap_id  # one gap of two people's questions, with nothing in common
        self._write()
        self._call(f"order_status for {NAME} Lima (channel, {self.conversation})")
        self._call(f"order_status for {NAME} (key)")
        turn.with_user(self.manager).action_replay()
        before = self._tables()
        self.assertLessEqual(
            {"ai.conversation.turn", "ai.conversation.gap", "ai.served.person", "ai.job"}, before
        )
        self.assertNotIn("ai.audit.log", before)
        erasure = self._forget(turn)
        self.assertEqual(self._tables(), set())
        self.assertTrue((other | shared).exists())
        receipt = f"erased contact #{erasure.id}"
        self.assertEqual(
            self._log()[:3],
            [
                f"quotation_create: S00071 ({receipt}, WhatsApp)",
                f"order_status for {receipt} (channel)",
                f"order_status for {receipt} (key)",
            ],
        )
        self.assertEqual(self.env["ai.audit.log"]._writer().verify().fault_count, 0)

    def test_what_comes_while_it_is_erased_is_nameless_at_its_end(self):
        erasure = self._forget(self._trace())
        self._call(f"order_status for {NAME} (channel, {self.conversation})")
        self.assertEqual(self._tables(), {"ai.served.person"})
        erasure._finish({"conversations": 1})
        self.assertEqual(self._tables(), set())
        self.assertFalse(erasure.conversations)

    def test_until_then_the_log_names_them_and_others_stay_named(self):
        turn = self._trace()
        self._write()
        self._call(f"order_status for Bia (mãe) (channel, {self.channel.id}-9)")
        self._call("order_status for an erased customer (channel)")
        self._call("order_status for owner (owner, 7-1)")
        self._call(f"furniture for {NAME} (channel)", operation="sync")
        told = self._log()
        self.assertEqual(
            told,
            [
                f"quotation_create: S00071 ({NAME}, WhatsApp)",
                "order_status for Bia (mãe) (channel)",
                "order_status for an erased customer (channel)",
                "order_status for owner (owner, 7-1)",
                f"furniture for {NAME} (channel)",
            ],
        )
        log = self.env["ai.audit.log"].with_user(self.manager)
        found = log.search([("subject_text", "ilike", "quaresma"), ("operation", "=", "tool")])
        self.assertEqual(found.mapped("subject_text"), told[:1])
        self._forget(turn)
        self.assertEqual(self._log()[1], told[1])
        self.assertFalse(
            log.search([("subject_text", "ilike", "quaresma"), ("operation", "=", "tool")])
        )

    def test_one_person_is_one_number_and_a_cut_name_is_one_too(self):
        for _ in range(2):
            self._write()
        self._call(f"order_status for {NAME} (channel, {self.conversation})")
        self._call("order_status for " + "Zuleide " * 20)
        people = self.env["ai.served.person"].search([("tenant_id", "=", self.tenant.id)])
        self.assertEqual(len(people), 2)
        self.env.cr.execute("SELECT subject FROM ai_audit_log")
        self.assertNotIn("zuleide", json.dumps(self.env.cr.fetchall()).lower())
        with self.assertRaises(AccessError):
            self.env["ai.served.person"].with_user(self.manager).search([])

    def test_names_end_with_the_conversations(self):
        self._write()
        people = self.env["ai.served.person"]
        people._gc_old()
        self.assertEqual(self._tables(), {"ai.served.person"})
        people.search([]).write({"at": "2020-01-01"})
        people._gc_old()
        self.assertEqual(self._tables(), set())
        self.assertRegex(self._log()[0], r"^quotation_create: S00071 \(person #\d+, WhatsApp\)$")
