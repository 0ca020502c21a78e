"""What customers ask and nobody has told the AI yet."""

from odoo import api, fields, models

from .. import gaps

STATES = [("open", "To Answer"), ("solved", "Solved"), ("dismissed", "Dismissed")]
# Only these show that something is missing; an unknown reason says nothing about it.
GAPS = (False, "unsure", "out_of_scope", "failures")
MOST_GAPS = 1000  # that a question is compared with, the latest asked
MOST_QUESTIONS = 200  # of a gap that its words are taken from
EXAMPLES = 3


class AiConversationGap(models.Model):
    _name = "ai.conversation.gap"
    _description = "Unanswered Question"
    _order = "question_count desc, last_asked desc, id"

    name = fields.Char("Words", readonly=True)
    tenant_id = fields.Many2one(
        "ai.tenant", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="open", index=True)
    turn_ids = fields.One2many("ai.conversation.turn", "gap_id", "Questions", readonly=True)
    question_count = fields.Integer("Asked", readonly=True)
    last_asked = fields.Datetime(readonly=True)
    stems = fields.Json(readonly=True)
    examples = fields.Text(compute="_compute_examples")

    @api.depends("turn_ids.question")
    def _compute_examples(self):
        for gap in self:
            questions = dict.fromkeys(turn.summary for turn in gap.turn_ids[:50])
            gap.examples = "\n".join(list(questions)[:EXAMPLES])

    def action_solved(self):
        """Note that the AI knows it now; the same question opens the gap again."""
        self.state = "solved"
        return True

    def action_dismiss(self):
        """Note that nobody needs to tell the AI about it."""
        self.state = "dismissed"
        return True

    def action_reopen(self):
        """Put it back among the open ones."""
        self.state = "open"
        return True

    @api.model
    def _collect(self, turns):
        """File `turns` that were not answered, each with the questions it is like."""
        unanswered = turns.filtered(self._is_gap)
        touched = self.browse()
        for tenant in unanswered.tenant_id:
            known = self.search(
                [("tenant_id", "=", tenant.id)], order="last_asked desc, id desc", limit=MOST_GAPS
            )
            groups = {gap.id: gap.stems or [] for gap in known}
            mine = unanswered.filtered(lambda turn, tenant=tenant: turn.tenant_id == tenant)
            for turn in mine.sorted(lambda turn: (turn.at, turn.id)):
                stems = gaps.stems(turn.question or "")
                if not stems:
                    continue
                gap = self.browse(gaps.best(stems, groups)) or self.create(
                    {"tenant_id": tenant.id, "name": " ".join(stems.values())}
                )
                groups.setdefault(gap.id, list(stems))
                turn.gap_id = gap
                touched |= gap
        touched.filtered(lambda gap: gap.state == "solved").state = "open"
        touched._recount()

    @api.model
    def _is_gap(self, turn):
        return turn.outcome in ("handed_off", "failed") and turn.reason in GAPS

    def _recount(self):
        """Take words and numbers anew from the questions that are there; none, no gap."""
        for gap in self.exists():
            turns = gap.turn_ids.sorted("at", reverse=True)
            if not turns:
                gap.unlink()
                continue
            words = gaps.core(turn.question or "" for turn in turns[:MOST_QUESTIONS])
            gap.write(
                {
                    "question_count": len(turns),
                    "last_asked": turns[0].at,
                    "stems": list(words) or gap.stems,
                    "name": " · ".join(words.values()) or gap.name,
                }
            )
