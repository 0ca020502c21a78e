from odoo import api, fields, models

from .ai_product_run import ACTION


class AiJob(models.Model):
    _inherit = "ai.job"

    action = fields.Selection(
        selection_add=[(ACTION, "Generate descriptions in bulk")],
        ondelete={ACTION: "cascade"},
    )

    @api.model
    def _due(self):
        """Bulk work leaves after everything else: somebody waits for a single click."""
        return super()._due().sorted(lambda job: job.action == ACTION)

    def _apply_generate_descriptions(self, result):
        """Store the texts of a run. Raises InvalidResult."""
        self.ensure_one()
        self.env["ai.product.run"]._apply_texts(self, result.get("results"))

    def _storable_result(self, result):
        if self.action != ACTION:
            return super()._storable_result(result)
        results = result.get("results")
        return {"results": len(results) if isinstance(results, list) else 0}

    def _ended_badly(self):
        result = super()._ended_badly()
        if self.action == ACTION:
            # Sudo: nobody writes lines by hand.
            lines = self.env["ai.product.run.line"].sudo()
            lines = lines.search([("job_id", "=", self.id), ("state", "=", "sent")])
            lines._end("failed", self.error_code, self.error_message)
            lines.run_id._text_job_ended()
        return result

    def _apply_sync_products(self, result):
        answer = super()._apply_sync_products(result)
        self._wake_sync_runs()
        return answer

    def _ran_and_failed(self, code, message):
        answer = super()._ran_and_failed(code, message)
        self._wake_sync_runs()
        return answer

    def _wake_sync_runs(self):
        """Have runs that synchronize look at their lines."""
        if self.action == "sync_products":
            self.env["ai.product.run"].sudo()._wake()

    def _notify(self):
        """Runs tell their progress themselves: a notice for every twenty texts helps nobody."""
        return super(AiJob, self.filtered(lambda job: job.action != ACTION))._notify()
