"""How runs go on: a lock, one small step after the other, and what the server does by itself."""

import logging
from collections import defaultdict

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .ai_product_run import MANAGER

_logger = logging.getLogger(__name__)

# Of one step, which is one transaction: short, so that forms are read meanwhile.
PRICES = 100
APPROVALS = 10
SYNCS = 500


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiProductRun(models.Model):
    _inherit = "ai.product.run"

    @api.model
    def _cron_advance(self):
        """Go on with all runs, step by step; each step is committed, so that no crash repeats it.

        Also what finds runs again after a restart, and closes those whose lines have all ended.
        """
        left = self.env["ir.cron"]._commit_progress(0)
        busy = True
        while busy and left > 0:
            busy = False
            for run in self.search([("state", "=", "running")], order="priority desc, id"):
                busy |= run._as_system()._advance_safely()
                left = self.env["ir.cron"]._commit_progress(1)
                if left <= 0:
                    break
        self.env["ir.cron"]._commit_progress(0, remaining=int(busy))

    def _advance_safely(self):
        """As _advance; what goes wrong with one run spares the others."""
        self.ensure_one()
        try:
            more = self._advance()
            self.env.flush_all()
        except (SerializationFailure, DeadlockDetected):
            _logger.info("run %s comes again: its rows are just being written", self.id)
        except Exception:
            _logger.exception("run %s could not go on", self.id)
        else:
            return more
        self.env["ai.job"]._rollback()
        return False

    def _advance(self):
        """Do one step of a running run; True when the next one can follow at once."""
        self.ensure_one()
        run = self.try_lock_for_update()
        # Whoever holds the lock goes on with it, and the cron looks again.
        if not run or run.state != "running":
            return False
        more = getattr(run, f"_advance_{run.kind}")()
        run._close_if_done()
        return more and run.state == "running"

    def _close_if_done(self):
        if self.state != "running" or self._lines("waiting", "sent", limit=1):
            return
        self.ended_on = fields.Datetime.now()
        self._set_state("done")

    def _advance_price(self):
        lines = self._lines("waiting", limit=PRICES)
        company = self.company_id
        set_lines, prices, faults = lines.browse(), [], defaultdict(lines.browse)
        for line in lines:
            product = line.product_tmpl_id
            line.old_price = old = product._ai_price_row(company).price
            new, fault = self._new_price(product, old)
            if fault:
                faults[fault] += line
                continue
            set_lines += line
            prices.append(new)
            line.new_price = new
        set_lines.product_tmpl_id._set_ai_prices(prices, company)
        set_lines._end("done")
        for fault, stopped in faults.items():
            stopped._end("failed" if fault == "below_zero" else "skipped", fault)
        return self._stepped(lines)

    def _new_price(self, product, old):
        """Return (price, fault): the AI price that the run gives to `product` (0: none)."""
        company = self.company_id
        listed = product._ai_list_price(company)
        base = old if self.price_base == "ai" and old else listed
        new = {
            "percentage": base * (1 + self.price_amount / 100),
            "fixed": base + self.price_amount,
            "match": listed,
            "remove": 0.0,
        }[self.price_method]
        new = company.currency_id.round(new)
        if self.price_method != "remove" and new <= 0:
            return 0.0, "below_zero"
        if not company.currency_id.compare_amounts(new, old):
            return 0.0, "same_price"
        return new, False

    def _advance_approve(self):
        lines = self._lines("waiting", limit=APPROVALS)
        # In the name of who asked: approvals are signed, and a manager's right may have gone.
        mine = self.with_user(self.user_id).with_company(self.company_id)
        # Reasons are told in their language, also by the cron.
        mine = mine.with_context(lang=self.user_id.lang)
        decided = lines.filtered(lambda line: line.description_id.state != "draft")
        decided._end("skipped", "decided")
        waiting = lines - decided
        try:
            mine._approve_lines(waiting)
        except (AccessError, UserError):
            # One of them: each by itself, so that it spares the others.
            for line in waiting:
                try:
                    mine._approve_lines(line)
                except (AccessError, UserError) as error:
                    line._end("failed", "held", str(error))
        return self._stepped(lines)

    def _approve_lines(self, lines):
        """Approve the texts of `lines` in the name of the current user; note what was held back."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only AI administrators approve several texts at once."))
        texts = self.env["product.ai.description"].browse(lines.description_id.ids)
        with self.env.cr.savepoint():
            held = {text.id: told for text, told in texts._approve_passing().items()}
        back = lines.filtered(lambda line: line.description_id.id in held)
        (lines - back)._end("done")
        for line in back:
            line._end("failed", "held", "\n".join(held[line.description_id.id]))

    def _stepped(self, lines):
        """Tell how far the run is after a step over `lines`; True when there are more."""
        if lines:
            self._tell()
        return bool(self._lines("waiting", limit=1))

    def _advance_sync(self):
        self._note_synced()
        lines = self._lines("waiting", limit=SYNCS)
        if not lines:
            return False
        rows, ids = self.env["ai.product.sync"], lines.product_tmpl_id.ids
        rows._note_change("product.template", ids)
        # Now, not at the end of the transaction: the marks tell what a job has to take.
        rows._mark_noted()
        marked = rows.search([("tenant_id", "=", self._tenant().id), ("record_id", "in", ids)])
        changes = {row.record_id: row.change for row in marked}
        for line in lines:
            change = changes.get(line.product_tmpl_id.id)
            line.write({"state": "sent", "mark": change or 0})
            if not change:
                line._end("failed", "out_of_reach")
        return self._stepped(lines)

    def _note_synced(self):
        """Note, in one statement, which lines' products a job took along, and how it ended."""
        lines = self.env["ai.product.run.line"]
        lines.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_run_line AS line
                   SET state = CASE WHEN sync.id IS NULL OR sync.state IN ('error', 'not_synced')
                                    THEN 'failed' ELSE 'done' END,
                       error_code = CASE WHEN sync.state = 'error' THEN sync.error_code
                                         WHEN sync.id IS NULL OR sync.state = 'not_synced'
                                         THEN 'out_of_reach' END,
                       error_message = sync.error_message
                  FROM ai_product_run_line AS own
                  LEFT JOIN ai_product_sync AS sync
                    ON sync.tenant_id = %s AND sync.record_id = own.product_tmpl_id
                 WHERE own.run_id = %s AND own.state = 'sent' AND line.id = own.id
                   AND (sync.id IS NULL OR sync.taken >= own.mark AND sync.state != 'queued')
                """,
                self._tenant().id,
                self.id,
            )
        )
        if self.env.cr.rowcount:
            lines.invalidate_model()
            self._tell()
