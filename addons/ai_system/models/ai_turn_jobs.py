"""Jobs about conversations: a replay and the erasure of a contact."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..exceptions import InvalidResult
from .ai_contact_erasure import COUNTS
from .ai_conversation_turn import OUTCOMES
from .ai_facade_turns import checked_steps

LONGEST_ANSWER = 20_000


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiJob(models.Model):
    _inherit = "ai.job"

    action = fields.Selection(
        selection_add=[
            ("replay_turn", "Replay a conversation"),
            ("forget_contact", "Erase a customer's data"),
        ],
        ondelete={"replay_turn": "cascade", "forget_contact": "cascade"},
    )

    @api.model
    def _enqueue(self, tenant, action, params, record=None):
        job = super()._enqueue(tenant, action, params, record=record)
        if action == "replay_turn":
            # Sudo: as in super. Who sees jobs may not read what customers write.
            job.sudo().record_name = record.conversation or False
        return job

    def action_retry(self):
        if any(job.action == "replay_turn" for job in self):
            # What the customer wrote is not kept here.
            raise UserError(self.env._("Open the conversation and replay it there."))
        return super().action_retry()

    def _apply_replay_turn(self, result):
        """Show the replay beside the old answer. Raises InvalidResult."""
        self.ensure_one()
        if result.get("outcome") not in dict(OUTCOMES):
            raise InvalidResult("outcome is not known")
        answer = result.get("answer") or ""
        if not isinstance(answer, str) or not isinstance(result.get("steps", []), list):
            raise InvalidResult("answer is not a text or steps is not a list")
        checked = {
            **result,
            "answer": answer[:LONGEST_ANSWER],
            "steps": checked_steps(result.get("steps")),
        }
        # The turn may have been erased meanwhile.
        turn = self.env[self.model].browse(self.res_id).exists()
        if turn:
            turn._apply_replay(checked)

    def _apply_forget_contact(self, result):
        """Keep the receipt. Raises InvalidResult."""
        self.ensure_one()
        receipt = result.get("receipt")
        if not isinstance(receipt, dict):
            raise InvalidResult("receipt is missing")
        kept = {name: receipt[name] for name in COUNTS if type(receipt.get(name)) is int}
        for name in ("at", "append_only_file"):
            if name in receipt:
                kept[name] = str(receipt[name])[:64]
        erasure = self.env[self.model].browse(self.res_id).exists()
        if erasure:
            erasure._finish(kept)

    def _storable_result(self, result):
        if self.action == "replay_turn":
            return {"outcome": result.get("outcome")}
        return super()._storable_result(result)

    def _ended_well(self):
        result = super()._ended_well()
        if self.action == "replay_turn":
            self.payload = {}
        return result

    def _ended_badly(self):
        result = super()._ended_badly()
        if self.action == "replay_turn":
            self.payload = {}
        elif self.action == "forget_contact":
            erasure = self.env[self.model].browse(self.res_id).exists()
            erasure.write({"state": "failed", "error_text": self.error_display})
        return result
