import time
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models import ai_conversation_gap, ai_conversation_turn, ai_facade_turns
from .conversations_case import ConversationsCase


@tagged("post_install", "-at_install")
class TestTurnTraces(ConversationsCase):
    def test_a_trace_is_kept_as_it_was_told(self):
        row = self._row()
        turn = self._report(row)
        self.assertEqual(turn.tenant_id, self.tenant)
        self.assertEqual(
            (turn.contact_name, turn.crew, turn.outcome, turn.writer, turn.channel_id),
            ("Rita", "sales", "answered", "llm", self.channel),
        )
        self.assertEqual((turn.input_tokens, turn.llm_calls, turn.cost), (900, 1, 0.00021))
        self.assertAlmostEqual(
            (turn.at - fields.Datetime.from_string("1970-01-01 00:00:00")).total_seconds(),
            row["at"],
            delta=1,
        )
        self.assertIn("stock_levels", turn.trace_html)
        self.assertIn("Entrega", turn.trace_html)

    def test_the_same_trace_again_changes_nothing(self):
        row = self._row()
        turn = self._report(row)
        self.assertEqual(self._report({**row, "answer": "Other"}), turn)
        self.assertEqual(turn.answer, "Entregamos, sim.")
        theirs = self._report(row, tenant=self.other_tenant)
        self.assertEqual(len(theirs), 2, "another tenant's uuid is another turn")

    def test_conversations_of_two_deleted_channels_stay_apart(self):
        first, other = self._report(self._row(), self._row(channel_id=self._channel(inbox_id=2).id))
        first.channel_id.unlink()
        other.channel_id.unlink()
        (again,) = self._report(self._row(channel_id=first.channel_number))
        self.assertEqual(again.earlier_ids, first)
        self.assertNotIn(other, again.earlier_ids)

    def test_what_is_told_is_shown_as_text(self):
        turn = self._report(
            self._row(
                steps=[{"kind": "<b>", "name": "<script>x</script>", "told": "<img src=x>"}],
                sources=[{"kind": "rule", "id": 1, "title": "<i>a</i>"}],
                chatwoot_url="javascript:alert(1)",
            )
        )
        for tag in ("<script", "<img", "<i>", "<b>"):
            self.assertNotIn(tag, turn.trace_html)
        self.assertFalse(turn.chatwoot_url)

    def test_a_trace_is_read_in_the_reader_s_language(self):
        steps = [
            {"kind": "route", "name": "sales", "told": "inbox 7"},
            {"kind": "prefetch", "name": "products", "told": "5"},
            {"kind": "tool", "name": "stock_levels", "told": "timeout"},
            {"kind": "llm", "name": "gpt-4o-mini"},
            {"kind": "handoff", "name": "asked_for_person"},
            {"kind": "post", "name": "2", "told": "human_took_over"},
        ]
        turn = self._report(self._row(steps=steps))
        names = ["Vendas", "Produtos", "Níveis de estoque", "gpt-4o-mini", "Pediu uma pessoa"]
        portuguese = html.fromstring(turn.with_context(lang="pt_BR").trace_html)
        shown = [name.text for name in portuguese.xpath("//*[hasclass('fw-bold')][@title]")]
        self.assertEqual(shown[:5], names)
        self.assertEqual(shown[5], "Mensagem 2")
        self.assertIn("Uma pessoa assumiu", portuguese.text_content())

    def test_a_language_is_told_by_its_name(self):
        turn = self._report(self._row(language="pt"))
        self.assertEqual(turn.with_context(lang="pt_BR").language_name, "Português")
        self.assertEqual(turn.with_context(lang="en_US").language_name, "Portuguese")
        unknown = self._report(self._row(language="zz-?"))
        self.assertEqual(unknown.language_name, "Zz-?")
        self.assertFalse(self._report(self._row(language="")).language_name)

    def test_messages_are_shown_with_bold_lines_and_links(self):
        turn = self._report(
            self._row(
                question="Oi\ntudo bem? 2 ** 3 * 4",
                answer="**Sofá <3 lugares>** custa\n[aqui](https://a.example/s?a=1&b=2), ou "
                "https://b.example/.",
            )
        )
        self.assertEqual(turn.question_html, "Oi<br/>tudo bem? 2 ** 3 * 4")
        self.assertIn("<strong>Sofá &lt;3 lugares&gt;</strong> custa<br/>aqui (", turn.answer_html)
        self.assertIn('href="https://a.example/s?a=1&amp;b=2"', turn.answer_html)
        self.assertRegex(turn.answer_html, r'ou <a href="https://b.example/" [^>]+>[^<]+</a>\.$')

    def test_messages_bring_no_markup_of_their_own(self):
        hostile = (
            "<script>x</script> **<img src=x onerror=y>** [a](javascript:alert(1)) "
            "[b](data:text/html,x) [<i>c</i>](https://e.example/) javascript:alert(2) "
            'https://e.example/"onmouseover="z **https://e.example/**x** [d](https://e/\'><u>)'
        )
        turn = self._report(self._row(question=hostile, answer=hostile))
        turn.replay_answer = hostile
        for shown in (turn.question_html, turn.answer_html, turn.replay_answer_html):
            tree = html.fromstring(f"<div>{shown}</div>")
            self.assertEqual({node.tag for node in tree.iter()}, {"div", "strong", "a"})
            for link in tree.iter("a"):
                self.assertRegex(link.get("href"), r"^https://e")
                self.assertEqual(link.text, link.get("href"), "a link tells where it leads")
                self.assertEqual(set(link.attrib), {"href", "target", "rel"})
            self.assertIn("[a](javascript:alert(1))", tree.text_content())

    @mute_logger("odoo.addons.ai_system.models.ai_facade_turns")
    def test_odd_rows_stop_nothing(self):
        good = self._row()
        odd = [
            "row",
            None,
            {},
            self._row(uuid=""),
            self._row(outcome="lost"),
            self._row(at="soon"),
            self._row(at=float("inf")),
            self._row(at=None),
        ]
        self.assertEqual(self._report(*odd, good).uuid, good["uuid"])

    def test_odd_values_are_put_right(self):
        turn = self._report(
            self._row(
                channel_id=self._channel(self.other_tenant, inbox_id=2).id,
                contact_id=2**40,
                contact_name="Ri\x00ta",
                crew="cooking",
                reason="no_such_reason",
                cost=float("nan"),
                llm_calls=-1,
                seconds="long",
                steps="none",
                sources=[1, {"kind": "x"}],
                question="q" * 50_000,
            )
        )
        self.assertFalse(turn.channel_id, "a channel of another tenant")
        self.assertEqual((turn.contact_number, turn.contact_name), (0, "Rita"))
        self.assertEqual((turn.crew, turn.reason), (False, "other"))
        self.assertEqual(turn.reason_code, "no_such_reason")
        self.assertEqual((turn.cost, turn.llm_calls, turn.seconds), (0.0, 0, 0.0))
        self.assertFalse(turn.steps)
        self.assertEqual(len(turn.sources), 1)
        self.assertEqual(len(turn.question), ai_facade_turns.LONGEST["text"])

    def test_at_most_a_hundred_rows(self):
        facade = self._facade(self.tenant)
        for rows in ([self._row()] * 101, "rows", None):
            with self.assertRaises(UserError):
                facade.turn_traces(rows)

    def test_many_rows_cost_few_queries(self):
        self._report(self._row())
        self.env.flush_all()
        counts = []
        for number in (2, 40):
            rows = [self._row() for _ in range(number)]
            before = self.cr.sql_log_count
            self._facade(self.tenant).turn_traces(rows)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLess(counts[1] - counts[0], 10)

    def test_only_readers_of_the_company_see_conversations(self):
        turn = self._report(self._row())
        self.assertEqual(turn.with_user(self.reader).contact_name, "Rita")
        for user in (self.salesperson, self._integration_user(self.tenant)):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                turn.with_user(user).read(["question"])
        stranger = self._person(
            "reader_two", self.other_company, "ai_system.ai_system_group_conversations"
        )
        with self.assertRaises(AccessError):
            turn.with_user(stranger).read(["question"])
        for change in ({"answer": "x"}, {"outcome": "failed"}):
            with self.assertRaises(AccessError):
                turn.with_user(self.manager).write(change)
        with self.assertRaises(AccessError):
            turn.with_user(self.manager).unlink()

    def test_a_reader_sees_the_whole_form(self):
        turn = self._report(self._row()).with_user(self.reader)
        views = turn.get_views([(False, "form"), (False, "list")])["views"]
        self.assertNotIn("action_replay", views["form"]["arch"])
        self.assertNotIn("action_forget_contact", views["form"]["arch"])
        [told] = turn.web_read(
            {
                "channel_id": {"fields": {"display_name": {}}},
                "answer_html": {},
                "trace_html": {},
                "replay_state": {},
            }
        )
        self.assertIn("Site", told["channel_id"]["display_name"])

    def test_turns_end_after_180_days(self):
        kept = ai_conversation_turn.KEPT.total_seconds()
        old = self._report(self._row(at=time.time() - kept - 60))
        young = self._report(self._row(at=time.time() - kept + 3600))
        self.turns._gc_old()
        self.assertFalse(old.exists())
        self.assertTrue(young.exists())

    def test_a_busy_shops_old_turns_go_in_as_many_rounds_as_it_takes(self):
        long_ago = time.time() - ai_conversation_turn.KEPT.total_seconds() - 60
        old = self._report(*(self._row(at=long_ago) for _ in range(3)))
        with patch.object(ai_conversation_turn, "ERASED_AT_ONCE", 2):
            self.assertEqual(self.turns._gc_old(), (2, 1))
            self.assertEqual(self.turns._gc_old(), (1, 0))
        self.assertFalse(old.exists())


@tagged("post_install", "-at_install")
class TestReplay(ConversationsCase):
    def setUp(self):
        super().setUp()
        self._connect(self.tenant, "http://127.0.0.1:1")
        now = time.time()
        self.first, _other, self.turn = self._report(
            self._row(at=now - 300, question="Oi", answer="Olá!"),
            self._row(at=now - 250, conversation="7-999", question="Outra", answer="Não."),
            self._row(at=now - 60),
        )

    def _job(self, action="replay_turn"):
        return self.env["ai.job"].search([("action", "=", action)], order="id desc", limit=1)

    def test_it_is_asked_as_it_was(self):
        self.turn.with_user(self.manager).action_replay()
        self.assertEqual(
            self._job().payload,
            {
                "question": "Vocês entregam em Campinas?",
                "history": [
                    {"role": "user", "content": "Oi"},
                    {"role": "assistant", "content": "Olá!"},
                ],
                "crew": "sales",
                "channel_id": self.channel.id,
                "contact_id": self.turn.contact_number,
            },
        )
        self.assertEqual(self.turn.replay_state, "pending")
        self.turn.with_user(self.manager).action_replay()
        self.assertEqual(
            self.env["ai.job"].search_count([("action", "=", "replay_turn")]), 1, "asked once"
        )

    def test_the_answer_stands_beside_the_old_one(self):
        self.turn.with_user(self.manager).action_replay()
        job = self._job()
        job.state = "sent"
        self._facade(self.tenant).job_result(
            job.uuid,
            "done",
            {
                "answer": "Entregamos em até 3 dias.",
                "outcome": "answered",
                "reason": "",
                "writer": "llm",
                "steps": [{"kind": "llm", "name": "gpt", "ms": 900, "ok": True, "told": "1 call"}],
                "model": "gpt",
            },
        )
        self.assertEqual(self.turn.replay_answer, "Entregamos em até 3 dias.")
        self.assertEqual(self.turn.answer, "Entregamos, sim.")
        self.assertEqual((self.turn.replay_outcome, self.turn.replay_state), ("answered", "done"))
        self.assertIn("900", self.turn.replay_html)
        self.assertFalse(job.payload)
        self.assertEqual(job.result, {"outcome": "answered"})

    def test_a_result_of_another_shape_is_refused(self):
        for result in ({}, {"outcome": "lost"}, {"outcome": "answered", "answer": {"a": 1}}):
            self.turn.with_user(self.manager).action_replay()
            job = self._job()
            job.state = "sent"
            self._facade(self.tenant).job_result(job.uuid, "done", result)
            with self.subTest(result=result):
                self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))
                self.assertFalse(self.turn.replay_at)
                self.assertFalse(job.payload, "what the customer wrote does not stay")
            with self.assertRaises(UserError):
                job.action_retry()

    def test_who_sees_jobs_is_not_told_what_the_customer_wrote(self):
        turn = self._report(self._row(question="Meu CPF foi recusado?"))
        turn.with_user(self.manager).action_replay()
        job = self.env["ai.job"].search([("action", "=", "replay_turn")], limit=1)
        seen = job.with_user(self.salesperson)
        self.assertEqual(seen.record_name, "7-123")
        self.assertNotIn("CPF", str(seen.read(["display_name", "record_name", "error_display"])))

    def test_it_is_for_administrators(self):
        with self.assertRaises(AccessError):
            self.turn.with_user(self.reader).action_replay()


@tagged("post_install", "-at_install")
class TestGaps(ConversationsCase):
    def _unanswered(self, question, **changes):
        told = {"outcome": "handed_off", "reason": "unsure", "question": question}
        return self._report(self._row(**(told | changes)))

    def _gaps(self):
        return self.env["ai.conversation.gap"].search([("tenant_id", "=", self.tenant.id)])

    def test_like_questions_are_one_gap(self):
        first = self._unanswered("Vocês entregam em Campinas?")
        second = self._unanswered("A entrega em Campinas quanto custa?")
        third = self._unanswered("Aceitam cheque?", reason="out_of_scope")
        self.assertEqual(first.gap_id, second.gap_id)
        self.assertNotEqual(first.gap_id, third.gap_id)
        gap = first.gap_id
        self.assertEqual((gap.question_count, gap.last_asked), (2, second.at))
        self.assertIn("campinas", gap.name)
        self.assertIn("quanto custa", gap.examples)

    def test_a_gap_of_many_questions_costs_no_more_than_one_of_few(self):
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with patch.object(ai_conversation_gap, "MOST_QUESTIONS", 3):
                gap._recount()
                self.env.flush_all()
            return self.cr.sql_log_count - before

        gap = self._unanswered("Vocês entregam em Campinas?").gap_id
        few = cost()
        rows = [
            self._row(outcome="handed_off", reason="unsure", question="Entregam em Campinas?")
            for _ in range(20)
        ]
        self._report(*rows)
        self.assertLessEqual(cost(), few)
        self.assertEqual(gap.question_count, 21)

    def test_only_what_the_ai_did_not_know_is_a_gap(self):
        for changes in (
            {"outcome": "answered", "reason": ""},
            {"outcome": "answered", "reason": "angry"},
            {"outcome": "draft", "reason": ""},
            {"outcome": "draft", "reason": "asked_for_person"},
            {"outcome": "silent", "reason": "human_took_over"},
            {"reason": "asked_for_person"},
            {"reason": "angry"},
            {"reason": "no_such_reason"},
            {"outcome": "failed", "reason": "conversation_gone"},
        ):
            with self.subTest(changes=changes):
                turn = self._unanswered("Vocês entregam?", **changes)
                self.assertFalse(turn.gap_id)
        self.assertFalse(self._unanswered("???").gap_id)
        self.assertTrue(self._unanswered("Entrega?", outcome="failed", reason="").gap_id)

    def test_an_answer_that_does_not_know_is_a_gap(self):
        for outcome, reason in (
            ("answered", "unsure"), ("answered", "out_of_scope"), ("draft", "unsure"),
        ):  # fmt: skip
            with self.subTest(outcome=outcome, reason=reason):
                turn = self._unanswered("Entregam em Marte?", outcome=outcome, reason=reason)
                self.assertEqual((turn.reason, turn.reason_code), (reason, reason))
                self.assertEqual(turn.gap_id.question_count, len(turn.gap_id.turn_ids))
        self.assertEqual(len(turn.gap_id.turn_ids), 3)

    def test_a_solved_gap_opens_again(self):
        gap = self._unanswered("Vocês entregam em Campinas?").gap_id
        gap.with_user(self.manager).action_solved()
        self._unanswered("Entrega em Campinas?")
        self.assertEqual(gap.state, "open")
        gap.with_user(self.manager).action_dismiss()
        self._unanswered("Entregam Campinas")
        self.assertEqual((gap.state, gap.question_count), ("dismissed", 3))

    def test_an_erased_customer_leaves_no_words(self):
        self._connect(self.tenant, "http://127.0.0.1:1")
        mine = self._unanswered("Entregam em Campinas para Rita?")
        self._unanswered("Entregam em Campinas?", contact_id=42)
        alone = self._unanswered("Meu nome é Rita Souza, vendem espelhos?")
        gap = mine.gap_id
        mine.with_user(self.manager).action_forget_contact()
        self.assertFalse(alone.exists())
        self.assertEqual(self._gaps(), gap)
        self.assertEqual(gap.question_count, 1)
        self.assertNotIn("rita", f"{gap.name} {gap.stems} {gap.examples}".lower())

    def test_tenants_do_not_share_gaps(self):
        mine = self._unanswered("Vocês entregam em Campinas?")
        theirs = self._report(
            self._row(outcome="failed", channel_id=False), tenant=self.other_tenant
        )
        self.assertNotEqual(mine.gap_id, theirs.gap_id)
        with self.assertRaises(AccessError):
            theirs.gap_id.with_user(self.manager).action_solved()
        with self.assertRaises(AccessError):
            mine.gap_id.with_user(self.reader).action_solved()
        self.assertEqual(mine.at - mine.gap_id.last_asked, timedelta(0))


@tagged("post_install", "-at_install")
class TestConversationTours(ConversationsCase, HttpCase):
    def test_a_key_is_shown_once_and_revoked(self):
        self.tenant.sidecar_url = "http://127.0.0.1:1"
        key = self.env["ai.mcp.key"].create({"name": "Claude", "tenant_id": self.tenant.id})
        url = f"/odoo/action-ai_system.ai_mcp_key_action/{key.id}"
        self.start_tour(url, "ai_mcp_key", login=self.manager.login)
        key.invalidate_recordset()
        self.assertEqual((key.state, len(key.sha256)), ("revoked", 64))

    def test_a_conversation_is_read_and_replayed(self):
        self._connect(self.tenant, "http://127.0.0.1:1")
        row = self._row(question="Entregam em **Campinas**?", answer="", reason="unsure")
        turn = self._report({**row, "outcome": "handed_off"})
        self._report(self._row(question="Outra pergunta"))
        url = "/odoo/action-ai_system.ai_conversation_turn_action"
        self.start_tour(url, "ai_conversation", login=self.manager.login)
        turn.invalidate_recordset()
        self.assertEqual(turn.replay_state, "pending")
