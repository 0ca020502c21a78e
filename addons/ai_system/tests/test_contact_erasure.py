import time
import uuid
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .conversations_case import ConversationsCase

RECEIPT = {
    "at": "2026-11-25T12:00:00Z", "conversations": 2, "keys": 9, "history": 4, "mailbox": 0,
    "traces": 3, "jobs": 1, "dead_letters": 0, "append_only_file": "rewritten",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestErasure(ConversationsCase):
    def setUp(self):
        super().setUp()
        self._connect(self.tenant, "http://127.0.0.1:1")

    def _forget(self, turn, user=None):
        action = turn.with_user(user or self.manager).action_forget_contact()
        return self.env["ai.contact.erasure"].browse(action["res_id"])

    def _job(self):
        return self.env["ai.job"].search([("action", "=", "forget_contact")], limit=1)

    def _answer(self, result):
        job = self._job()
        job.state = "sent"
        self._facade(self.tenant).job_result(job.uuid, "done", result)

    def test_everything_of_the_contact_goes_and_a_receipt_stays(self):
        mine = self._report(self._row(), self._row(conversation="7-200"))
        other = self._report(self._row(contact_id=42, contact_name="João"))
        mine[0].with_user(self.manager).action_replay()
        erasure = self._forget(mine[1])
        self.assertFalse(mine.exists())
        self.assertTrue(other.exists())
        self.assertFalse(self.env["ai.job"].search([("action", "=", "replay_turn")]))
        self.assertEqual((erasure.state, erasure.turn_count), ("running", 2))
        self.assertEqual(self._job().payload, {"channel_id": self.channel.id, "contact_id": 41})
        self._answer({"receipt": {**RECEIPT, "note": "Rita"}})
        self.assertEqual((erasure.state, erasure.receipt), ("done", RECEIPT))
        self.assertIn("9", erasure.receipt_html)
        self.assertNotIn("Rita", erasure.display_name + str(erasure.read()))

    def test_all_channels_of_the_same_chatwoot_account_are_meant(self):
        other_inbox = self._channel(inbox_id=2)
        elsewhere = self._channel(inbox_id=3, chatwoot_account_id=2)
        mine = self._report(self._row(), self._row(channel_id=other_inbox.id))
        strangers = self._report(self._row(channel_id=elsewhere.id))
        late = self._row(channel_id=other_inbox.id, at=time.time() - 1)
        erasure = self._forget(mine[0])
        self.assertFalse(mine.exists())
        self.assertEqual(erasure.turn_count, 2)
        self.assertTrue(strangers.exists(), "another account's contact of the same number")
        other_inbox.active = False
        self.assertFalse(self._report(late))
        self.assertTrue(self._report(self._row(channel_id=elsewhere.id)))

    def test_a_late_row_of_a_channel_that_is_gone_by_then_is_not_kept(self):
        erasure = self._forget(self._report(self._row()))
        late, own, page = self._row(), self.channel.id, "https://chat.example.com/app/accounts/"
        self.channel.unlink()
        self.assertFalse(self._report(late))
        for changes in (
            {"contact_id": 42},
            {"at": time.time() + 60},
            {"chatwoot_url": f"{page}11/conversations/123"},
            {"chatwoot_url": "https://chat-example.com/app/accounts/1/conversations/123"},
            {"chatwoot_url": ""},
        ):
            with self.subTest(changes=changes):
                self.assertTrue(
                    self._report(self._row(**{**late, "uuid": str(uuid.uuid4()), **changes}))
                )
        self.assertEqual((erasure.channel_id.id, erasure.channel_number), (False, own))
        self._answer({"receipt": "all"})
        erasure.with_user(self.manager).action_try_again()
        payloads = self.env["ai.job"].search([("action", "=", "forget_contact")]).mapped("payload")
        self.assertEqual(payloads, [{"channel_id": own, "contact_id": 41}] * 2)

    def test_what_came_before_the_end_of_its_channel_goes_at_the_end_of_the_erasure(self):
        erasure = self._forget(self._report(self._row()))
        self.channel.unlink()
        theirs = self.env["ai.contact.erasure"]
        with patch.object(type(theirs), "_erased", lambda *_args: {}):
            meanwhile = self._report(self._row())
        self._answer({"receipt": RECEIPT})
        self.assertFalse(meanwhile.exists())
        self.assertEqual((erasure.state, erasure.turn_count), ("done", 2))

    def test_an_erasure_that_finds_no_turn_in_odoo_asks_the_ai_service_all_the_same(self):
        erasure = self._forget(self._report(self._row(at=time.time() + 60)))  # its clock is ahead
        self._answer({"receipt": RECEIPT})
        self.assertEqual((erasure.state, erasure.turn_count), ("done", 0))

    def test_a_contact_of_a_deleted_channel_is_erased(self):
        page = "https://chat_1.example.com/app/accounts/1/conversations/123"
        gone = self._channel(inbox_id=2, url="https://chat_1.example.com")
        mine = self._report(
            self._row(channel_id=gone.id, chatwoot_url=page),
            self._row(channel_id=gone.id, chatwoot_url=page, conversation="9"),
        )
        others = self._report(
            self._row(),
            self._row(channel_id=gone.id, chatwoot_url=page, contact_id=42),
            self._row(channel_id=gone.id, chatwoot_url=page.replace("chat_1", "chat-1")),
            self._row(channel_id=gone.id, chatwoot_url=page.replace("accounts/1", "accounts/12")),
        )
        number, late = gone.id, self._row(channel_id=gone.id, chatwoot_url=page)
        gone.unlink()
        self.assertFalse(mine.channel_id)
        erasure = self._forget(mine[0])
        self.assertFalse(mine.exists())
        self.assertEqual(others.exists(), others)
        self.assertEqual(erasure.turn_count, 2)
        self.assertEqual(self._job().payload, {"channel_id": number, "contact_id": 41})
        self.assertIn(f"{number}-9", erasure.conversations)
        self.assertFalse(self._report(late))

    def test_a_deleted_channel_is_asked_for_by_another_one_of_its_account(self):
        other_inbox = self._channel(inbox_id=2, active=False)
        mine = self._report(self._row(), self._row(channel_id=other_inbox.id))
        self.channel.unlink()
        self._forget(mine[0])
        self.assertFalse(mine.exists())
        self.assertEqual(self._job().payload, {"channel_id": other_inbox.id, "contact_id": 41})

    def test_an_erasure_whose_channel_is_deleted_meanwhile_is_tried_with_another_one(self):
        erasure = self._forget(self._report(self._row()))
        self._answer({"receipt": "all"})
        other_inbox = self._channel(inbox_id=2)
        self.channel.unlink()
        erasure.with_user(self.manager).action_try_again()
        payloads = self.env["ai.job"].search([("action", "=", "forget_contact")]).mapped("payload")
        self.assertIn({"channel_id": other_inbox.id, "contact_id": 41}, payloads)

    def test_the_receipt_counts_what_an_erp_sent_where_one_sends(self):
        erasure = self._forget(self._report(self._row()))
        self._answer({"receipt": RECEIPT})
        self.assertNotIn("ERP", erasure.receipt_html)
        erasure = self._forget(self._report(self._row(contact_id=42)))
        self._answer({"receipt": {**RECEIPT, "erp_customers": 1, "erp_orders": 17}})
        self.assertEqual((erasure.receipt["erp_customers"], erasure.receipt["erp_orders"]), (1, 17))
        shown = erasure.with_context(lang="pt_BR").receipt_html
        self.assertIn("Clientes enviados pelo ERP", shown)
        self.assertIn("Pedidos enviados pelo ERP", shown)
        self.assertIn("17", shown)

    def test_what_arrives_late_is_not_kept(self):
        late = self._row(at=time.time() - 1)
        self._forget(self._report(self._row()))
        self.assertFalse(self._report(late))
        again = self._row(at=time.time() + 60)
        self.assertTrue(self._report(again), "the customer wrote anew")

    def test_a_failed_erasure_is_tried_again(self):
        erasure = self._forget(self._report(self._row()))
        self._answer({"receipt": "all"})
        self.assertEqual(erasure.state, "failed")
        self.assertTrue(erasure.error_text)
        erasure.with_user(self.manager).action_try_again()
        self.assertEqual(erasure.state, "running")
        self._answer({"receipt": RECEIPT})
        self.assertEqual(erasure.state, "done")

    def test_only_administrators_erase(self):
        turn = self._report(self._row())
        with self.assertRaises(AccessError):
            self._forget(turn, self.reader)
        self.assertTrue(turn.exists())
        with self.assertRaises(AccessError):
            self.env["ai.contact.erasure"].with_user(self.reader).search([])

    def test_without_a_contact_nothing_can_be_erased(self):
        for changes in ({"contact_id": 0}, {"channel_id": 0, "chatwoot_url": ""}):
            turn = self._report(self._row(**changes))
            with self.assertRaises(UserError):
                self._forget(turn)
