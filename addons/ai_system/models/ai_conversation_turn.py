"""What the desk did for one message of a customer, as the AI service reports it."""

from datetime import timedelta

from babel.core import Locale, UnknownLocaleError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import babel_locale_parse, get_lang

from .. import message_text
from .ai_crew import CREWS
from .ai_job import STATES as JOB_STATES

KEPT = timedelta(days=180)
OUTCOMES = [
    ("answered", "Answered"),
    ("handed_off", "Handed off"),
    ("draft", "Draft"),
    ("silent", "Silent"),
    ("failed", "Failed"),
]
REASONS = [
    ("asked_for_person", "Asked for a person"),
    ("unsure", "Unsure of the answer"),
    ("angry", "Angry customer"),
    ("out_of_scope", "Out of scope"),
    ("failures", "Several failed answers"),
    ("closed", "Closed now"),
    ("attachment", "Attachment it cannot read"),
    ("crew_refused", "Crew switched off"),
    ("human_took_over", "A person took over"),
    ("not_pending", "Not the bot's conversation"),
    ("cannot_reply", "The channel allows no reply"),
    ("blocked", "Blocked contact"),
    ("message_deleted", "The message was deleted"),
    ("conversation_gone", "The conversation was deleted"),
    ("invalid", "Chatwoot refused the answer"),
    ("other", "Other"),
]
WRITERS = [("llm", "Language model"), ("extractive", "Composed from facts")]
ERASED_AT_ONCE = 5_000
REMEMBERED = 10  # earlier turns that a replay is told of
SHOWN = 120  # characters of a question in lists


class AiConversationTurn(models.Model):
    _name = "ai.conversation.turn"
    _description = "AI Conversation"
    _order = "at desc, id desc"
    _rec_name = "summary"

    uuid = fields.Char("Trace", required=True, readonly=True, copy=False)
    at = fields.Datetime("Time", required=True, readonly=True)
    tenant_id = fields.Many2one(
        "ai.tenant", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    channel_id = fields.Many2one("ai.channel", readonly=True, ondelete="set null", index=True)
    channel_number = fields.Integer(
        "Channel No.", readonly=True, aggregator=None, help="Stays when the channel is deleted."
    )
    conversation = fields.Char("Conversation No.", readonly=True)
    chatwoot_url = fields.Char("Link to Chatwoot", readonly=True)
    contact_number = fields.Integer("Contact No.", readonly=True, aggregator=None)
    contact_name = fields.Char("Customer", readonly=True)
    crew = fields.Selection(CREWS, readonly=True)
    language = fields.Char("Language Code", readonly=True)
    language_name = fields.Char("Language", compute="_compute_language_name")
    question = fields.Text(readonly=True)
    answer = fields.Text(readonly=True)
    question_html = fields.Html("Question Shown", compute="_compute_messages", sanitize=False)
    answer_html = fields.Html("Answer Shown", compute="_compute_messages", sanitize=False)
    summary = fields.Char("Question in Short", compute="_compute_summary")
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    reason_code = fields.Char(readonly=True)
    writer = fields.Selection(WRITERS, "Written by", readonly=True)
    llm_model = fields.Char("Language Model", readonly=True)
    llm_calls = fields.Integer("Model Calls", readonly=True)
    input_tokens = fields.Integer("Tokens In", readonly=True)
    output_tokens = fields.Integer("Tokens Out", readonly=True)
    cost = fields.Float(digits=(16, 6), readonly=True)
    seconds = fields.Float(
        digits=(16, 2), readonly=True, aggregator="avg", help="Until it was posted."
    )
    config_version = fields.Integer("Settings Version", readonly=True, aggregator=None)
    sources = fields.Json(readonly=True)
    steps = fields.Json(readonly=True)
    earlier_ids = fields.Many2many(
        "ai.conversation.turn", string="Same Conversation", compute="_compute_earlier_ids"
    )
    gap_id = fields.Many2one("ai.conversation.gap", readonly=True, ondelete="set null", index=True)
    replay_at = fields.Datetime("Replayed on", readonly=True)
    replay_answer = fields.Text(readonly=True)
    replay_answer_html = fields.Html(
        "Replayed Answer Shown", compute="_compute_messages", sanitize=False
    )
    replay_outcome = fields.Selection(OUTCOMES, readonly=True)
    replay_reason = fields.Selection(REASONS, readonly=True)
    replay_writer = fields.Selection(WRITERS, readonly=True)
    replay_steps = fields.Json(readonly=True)
    replay_state = fields.Selection(JOB_STATES, compute="_compute_replay_state")
    replay_error = fields.Text(compute="_compute_replay_state")

    _uuid_unique = models.Constraint("UNIQUE(tenant_id, uuid)", "A turn is kept once.")
    _at_index = models.Index("(at)")
    _contact_index = models.Index("(channel_id, contact_number)")
    _conversation_index = models.Index("(tenant_id, conversation)")

    @api.depends("language")
    @api.depends_context("lang")
    def _compute_language_name(self):
        reader = babel_locale_parse(get_lang(self.env).code)
        for turn in self:
            try:
                name = Locale.parse(turn.language or "").get_display_name(reader)
            except (ValueError, UnknownLocaleError):
                name = turn.language
            turn.language_name = name and name[0].upper() + name[1:]

    @api.depends("question")
    def _compute_summary(self):
        for turn in self:
            line = " ".join((turn.question or "").split())
            turn.summary = f"{line[: SHOWN - 1]}…" if len(line) > SHOWN else line

    @api.depends("question", "answer", "replay_answer")
    def _compute_messages(self):
        for turn in self:
            turn.question_html = message_text.shown(turn.question)
            turn.answer_html = message_text.shown(turn.answer)
            turn.replay_answer_html = message_text.shown(turn.replay_answer)

    @api.depends("conversation", "channel_id", "channel_number", "tenant_id", "at")
    def _compute_earlier_ids(self):
        for turn in self:
            turn.earlier_ids = turn.conversation and self.search(
                [*turn._conversation_domain(), ("id", "!=", turn.id)], limit=50
            )

    @api.depends_context("lang", "tz")
    def _compute_replay_state(self):
        # Sudo: readers of conversations need not see jobs; only how their replay stands is told.
        jobs = (
            self.env["ai.job"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "in", self._origin.ids),
                    ("action", "=", "replay_turn"),
                ],
                order="id",
            )
        )
        newest = {job.res_id: job for job in jobs}
        for turn in self:
            job = newest.get(turn._origin.id, jobs.browse())
            turn.replay_state = job.state
            turn.replay_error = job.state == "failed" and job.error_display

    def action_open_chatwoot(self):
        """Open the conversation in Chatwoot, in a window of its own."""
        self.ensure_one()
        if not self.chatwoot_url:
            raise UserError(self.env._("The AI service told no address of this conversation."))
        return {"type": "ir.actions.act_url", "url": self.chatwoot_url, "target": "new"}

    def action_replay(self):
        """Ask what today's settings would answer. Nothing is posted and nothing is written."""
        self.ensure_one()
        # Who may write settings may spend on trying them.
        self.tenant_id.check_access("write")
        self.tenant_id._check_connected()
        if not self.question:
            raise UserError(self.env._("There is no question to ask again."))
        params = {
            "question": self.question,
            "history": self._history(),
            "crew": self.crew or "customer_service",
        }
        if channel_number := self.channel_id.id or self.channel_number:
            params["channel_id"] = channel_number
        if self.contact_number:
            params["contact_id"] = self.contact_number  # an erasure finds the job by it
        self.env["ai.job"]._enqueue(self.tenant_id, "replay_turn", params, record=self)
        return True

    def action_forget_contact(self):
        """Erase everything about this turn's customer, here and in the AI service."""
        self.ensure_one()
        erasure = self.env["ai.contact.erasure"]._start(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": erasure._name,
            "res_id": erasure.id,
            "views": [(False, "form")],
            # The turn that was shown is gone: there is no way back to it.
            "target": "main",
        }

    def _conversation_domain(self):
        self.ensure_one()
        return [
            ("tenant_id", "=", self.tenant_id.id),
            ("channel_id", "=", self.channel_id.id),
            ("channel_number", "=", self.channel_number),  # tells deleted channels apart
            ("conversation", "=", self.conversation),
        ]

    def _history(self):
        """Return what was said before, as the sidecar knows it: [{"role", "content"}]."""
        earlier = self.browse()
        if self.conversation:
            before = [("at", "<", self.at)]
            earlier = self.search([*self._conversation_domain(), *before], limit=REMEMBERED)
        history = []
        for turn in earlier.sorted("at"):
            if turn.question:
                history.append({"role": "user", "content": turn.question})
            if turn.answer and turn.outcome in ("answered", "draft", "handed_off"):
                history.append({"role": "assistant", "content": turn.answer})
        return history

    @api.model
    def _reason_of(self, code):
        """Return (reason, code) as they are kept for a `code` of the sidecar."""
        code = str(code or "")[:64]
        if not code:
            return False, False
        return (code if code in dict(REASONS) else "other"), code

    def _apply_replay(self, result):
        """Keep what the replay gave, beside the old answer; `result` was checked."""
        self.ensure_one()
        reason, _code = self._reason_of(result.get("reason"))
        writer = result.get("writer")
        self.write(
            {
                "replay_at": fields.Datetime.now(),
                "replay_answer": result.get("answer") or False,
                "replay_outcome": result["outcome"],
                "replay_reason": reason,
                "replay_writer": writer if writer in dict(WRITERS) else False,
                "replay_steps": result.get("steps") or [],
            }
        )

    @api.autovacuum
    def _gc_old(self):
        """Remove what is older than 180 days; return how many, and whether there is more."""
        old = self.search([("at", "<", fields.Datetime.now() - KEPT)], limit=ERASED_AT_ONCE)
        count = len(old)
        old._erase()
        return count, int(count == ERASED_AT_ONCE)

    def _erase(self):
        """Delete these turns and what other records keep of them."""
        gaps = self.gap_id
        jobs = self.env["ai.job"].search([("model", "=", self._name), ("res_id", "in", self.ids)])
        jobs._cancel(self.env._("The conversation was erased."))
        jobs.unlink()
        self.unlink()
        gaps._recount()
