"""Texts in bulk: small batches, few of them under way, so that single clicks never wait long."""

from odoo import api, models

from odoo.addons.ai_system.exceptions import InvalidResult
from odoo.addons.ai_system.models.ai_job import ACTIVE_STATES
from odoo.addons.semantic_product_description.parts import PARTS

from .ai_product_run import ACTION, TRIAL

BATCH = 20  # texts of one job: the sidecar takes no more
MOST_BATCHES = 3  # of one tenant under way: two are written, one waits behind them
TRIED = ("sent", "done", "failed")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiProductRun(models.Model):
    _inherit = "ai.product.run"

    def _advance_generate(self):
        """Send what may be sent now; never True: results wake the run."""
        self.ensure_one()
        if self.trial and self._trial_is_over():
            return False
        while self._may_send() and (texts := self._next_texts()):
            self._send(texts)
        return False

    def _may_send(self):
        """True as long as few batches of the tenant are under way and nobody goes first."""
        tenant = self._tenant()
        under_way = self.env["ai.job"].search_count(
            [
                ("tenant_id", "=", tenant.id),
                ("action", "=", ACTION),
                ("state", "in", ACTIVE_STATES),
            ],
            limit=MOST_BATCHES,
        )
        return under_way < MOST_BATCHES and not self._someone_goes_first()

    def _someone_goes_first(self):
        """True while a run of the same company with a higher priority has lines to send."""
        before = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "=", "generate"),
                ("state", "=", "running"),
                ("priority", ">", self.priority),
            ]
        )
        return any(run._lines("waiting", limit=1) for run in before)

    def _next_texts(self):
        """Return [(line, parts)] of the next batch, locked; what is filled by now is skipped."""
        limit = BATCH
        if self.trial:
            limit = TRIAL - len(self._lines(*TRIED, limit=TRIAL))
        while limit > 0:
            # What somebody else is just taking is not sent twice.
            lines = self._lines("waiting", limit=limit).try_lock_for_update()
            gone = lines - self._reached(lines)
            gone._end("failed", "out_of_reach")
            parts = self._parts_of(lines - gone)
            filled = lines.browse(line_id for line_id, names in parts.items() if not names)
            filled._end("skipped", "filled")
            texts = [(line, parts[line.id]) for line in lines - gone - filled]
            if texts or not lines:
                return texts
        return []

    def _reached(self, lines):
        """Return those of `lines` whose product the AI of the run's company may write about."""
        tenant = self._tenant()
        mine = (
            {self.company_id.id, False} if tenant.include_shared_records else {self.company_id.id}
        )
        return lines.filtered(
            lambda line: (
                line.product_tmpl_id.active
                and line.product_tmpl_id.sale_ok
                and line.product_tmpl_id.company_id.id in mine
            )
        )

    def _parts_of(self, lines):
        """Return {line id: names of the parts that are still to be written}."""
        asked = self._parts()
        if not self.fill_only_empty:
            return dict.fromkeys(lines.ids, asked)
        texts = self.env["product.ai.description"].search(
            [
                ("product_tmpl_id", "in", lines.product_tmpl_id.ids),
                ("company_id", "=", self.company_id.id),
                ("language", "in", list(set(lines.mapped("language")))),
                ("state", "in", ("draft", "approved")),
            ],
            order="version",
        )
        newest = {(text.product_tmpl_id.id, text.language): text for text in texts}
        told = {}
        for line in lines:
            text = newest.get((line.product_tmpl_id.id, line.language), texts.browse())
            has = set(text.proposed or {}) | set(text._written_parts() if text else ())
            told[line.id] = [part for part in asked if part not in has]
        return told

    def _send(self, texts):
        """Queue one job with `texts`: [(line, parts)]."""
        items = []
        for line, parts in texts:
            item = {"product_id": line.product_tmpl_id.id, "language": line.language}
            if set(parts) != set(PARTS):
                item["parts"] = parts
            items.append(item)
        # In the name of who asked: the jobs and the texts are theirs.
        jobs = self.env["ai.job"].with_user(self.user_id or self.env.user)
        job = jobs._enqueue(self._tenant(), ACTION, {"items": items}, record=self)
        for line, _parts in texts:
            line.write({"state": "sent", "job_id": job.id})

    def _trial_is_over(self):
        """Pause after the texts that were tried first; True then."""
        if len(self._lines("done", "failed", limit=TRIAL)) < TRIAL or not self._lines(
            "waiting", limit=1
        ):
            return False
        self.trial = False
        self._set_state("paused")
        return True

    @api.model
    def _apply_texts(self, job, results):
        """Store the texts of a bulk `job` and note them on its lines. Idempotent per line.

        results: the list of docs/studio.md. Raises InvalidResult where it is none.
        """
        if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
            raise InvalidResult("results is not a list of objects")
        told = {(one.get("product_id"), one.get("language")): one for one in results}
        lines = self.env["ai.product.run.line"].search(
            [("job_id", "=", job.id), ("state", "in", ("sent", "failed"))]
        )
        parts = {(i["product_id"], i["language"]): i.get("parts") for i in job.payload["items"]}
        lines._take_texts(job, told, parts)
        lines.run_id._text_job_ended()

    def _text_job_ended(self):
        """Tell how far these runs are, and have the cron send what follows.

        Not sent here: jobs that end at the same moment would take the same lines, and one of them
        would have to store all its texts again.
        """
        for run in self:
            run._tell()
            run._wake()
