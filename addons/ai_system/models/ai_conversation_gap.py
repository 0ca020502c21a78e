"""What customers ask and nobody has told the AI yet."""

from odoo import api, fields, models

from .. import gaps

STATES = [("open", "To Answer"), ("solved", "Solved"), ("dismissed", "Dismissed")]
# Only these show that something is missing; an unknown reason says nothing about it.
GAPS = ("unsure", "out_of_scope", "failures")
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
        turns = self.env["ai.conversation.turn"]
        for gap in self:
            # A gap may have any number of turns, each with a long trace.
            asked = turns.search_fetch([("gap_id", "=", gap.id)], ["question"], limit=50)
            questions = dict.fromkeys(turn.summary for turn in asked)
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
        # What was answered or drafted tells a reason only where it was unsure.
        unanswered = turn.outcome in ("handed_off", "failed")
        return turn.reason in GAPS or (unanswered and not turn.reason)

    def _recount(self):
        """Take words and numbers anew from the questions that are there; none, no gap."""
        turns = self.env["ai.conversation.turn"]
        mine = [("gap_id", "in", self.ids)]
        totals = turns._read_group(mine, ["gap_id"], ["__count", "at:max"])
        counted = {gap: (count, latest) for gap, count, latest in totals}
        for gap in self.exists():
            if gap not in counted:
                gap.unlink()
                continue
            count, latest = counted[gap]
            asked = turns.search_fetch(
                [("gap_id", "=", gap.id)], ["question"], limit=MOST_QUESTIONS
            )
            words = gaps.core(turn.question or "" for turn in asked)
            # Never the words from before: whose they were may have been erased.
            words = words or gaps.stems(asked[:1].question or "")
            gap.write(
                {
                    "question_count": count,
                    "last_asked": latest,
                    "stems": list(words),
                    "name": " · ".join(words.values()),
                }
            )
