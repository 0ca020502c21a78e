"""The lines of a run: made by one statement for thousands of products, counted, told live."""

from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .ai_product_run_line import STATES

MOST_SHOWN = 40  # lines in the form of a run
SHOWN = ("failed", "sent", "done", "waiting", "skipped", "cancelled")  # these first
NOTICE = "product_ai_mass_management.run"


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiProductRun(models.Model):
    _inherit = "ai.product.run"

    shown_line_ids = fields.One2many(
        "ai.product.run.line",
        string="Shown Lines",
        compute="_compute_shown_line_ids",
        help="All lines, or the first ones of a large run: those that failed or are under way.",
    )
    line_count = fields.Integer("Lines in All", compute="_compute_counts")
    waiting_count = fields.Integer("Waiting", compute="_compute_counts")
    sent_count = fields.Integer("Under Way", compute="_compute_counts")
    done_count = fields.Integer("Done", compute="_compute_counts")
    skipped_count = fields.Integer("Skipped", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    cancelled_count = fields.Integer("Cancelled", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")
    tokens = fields.Integer(compute="_compute_counts")
    cost = fields.Float(compute="_compute_counts", digits=(16, 4))
    cost_currency = fields.Char(compute="_compute_cost_currency")

    @api.depends("state", "line_ids.state", "line_ids.cost", "line_ids.tokens")
    def _compute_counts(self):
        groups = self.env["ai.product.run.line"]._read_group(
            [("run_id", "in", self._origin.ids)],
            ["run_id", "state"],
            ["__count", "tokens:sum", "cost:sum"],
        )
        told = {}
        for run, state, *figures in groups:
            told.setdefault(run.id, {})[state] = figures
        for run in self:
            states = told.get(run._origin.id, {})
            count = {state: states.get(state, (0,))[0] for state, _label in STATES}
            for state, number in count.items():
                run[f"{state}_count"] = number
            run.line_count = total = sum(count.values())
            open_lines = count["waiting"] + count["sent"]
            run.progress = 100 * (total - open_lines) / total if total else 0
            run.tokens = sum(figures[1] or 0 for figures in states.values())
            run.cost = sum(figures[2] or 0 for figures in states.values())

    @api.depends("line_ids.description_id")
    def _compute_cost_currency(self):
        for run in self:
            written = [("run_id", "=", run._origin.id), ("description_id", "!=", False)]
            line = self.env["ai.product.run.line"].search(written, limit=1)
            run.cost_currency = line.description_id.cost_currency

    @api.depends("line_ids.state")
    def _compute_shown_line_ids(self):
        for run in self:
            # The form reloads while the run goes on: thousands of lines are a list of their own.
            lines = run._origin._lines(*SHOWN, limit=MOST_SHOWN) if run._origin else run.line_ids
            if len(lines) == MOST_SHOWN:
                lines = lines.browse()
                for state in SHOWN:
                    lines += run._origin._lines(state, limit=MOST_SHOWN)
                lines = lines[:MOST_SHOWN]
            run.shown_line_ids = lines

    def run_progress(self):
        """Return what the progress bar shows: {"state", "percent", counts by state}."""
        self.ensure_one()
        self.check_access("read")
        counts = {state: self[f"{state}_count"] for state, _label in STATES}
        return {
            "run_id": self.id,
            "state": self.state,
            "total": self.line_count,
            "percent": round(self.progress, 1),
            **counts,
        }

    def _tell(self):
        """Tell, at commit, whoever has this run open how far it is."""
        self.ensure_one()
        self.invalidate_recordset()
        # The channel is the record: its browsers were let in by their right to read it.
        self.env["bus.bus"]._sendone(self, NOTICE, self.run_progress())

    def _lines(self, *states, limit=None):
        """Return the lines of this run in `states`, in their order."""
        self.ensure_one()
        domain = [("run_id", "=", self.id), ("state", "in", states)]
        # Not by line_ids, which would read the ids of all of them.
        return self.env["ai.product.run.line"].search(domain, limit=limit, order="id")

    def _move_lines(self, before, state):
        """Put all lines of this run from the state `before` into `state`; return how many.

        By one statement, however many; what was told of them before is forgotten.
        """
        self.ensure_one()
        lines = self.env["ai.product.run.line"]
        lines.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_run_line
                   SET state = %s, error_code = NULL, error_message = NULL, job_id = NULL
                 WHERE run_id = %s AND state = %s
                """,
                state,
                self.id,
                before,
            )
        )
        moved = self.env.cr.rowcount
        lines.invalidate_model()
        return moved

    def _product_query(self):
        """Return the query of the products this run is about, with the rights of who asked."""
        self.ensure_one()
        chosen = Domain("id", "in", self.product_ids or []) if self.product_ids else Domain.TRUE
        if not self.product_ids:
            chosen = self._filter_domain()
        tenant = self._tenant()
        reached = self.env["ai.facade"]._product_domain(tenant)
        if not tenant:
            reached = Domain("company_id", "in", (self.company_id.id, False))
        products = self.env["product.template"].with_user(self.user_id or self.env.user)
        products = products.with_company(self.company_id)
        return products._search(chosen & reached & Domain("sale_ok", "=", True))

    def _filter_domain(self):
        """Return the filter as a domain. UserError where it is none."""
        self.ensure_one()
        try:
            return Domain(literal_eval(self.domain or "[]"))
        except (ValueError, SyntaxError, TypeError) as error:
            raise UserError(self.env._("The filter cannot be used; choose it again.")) from error

    def _make_lines(self):
        """Make the lines of this run, each product once, in one statement. Idempotent."""
        self.ensure_one()
        self.env.flush_all()
        make = self._text_lines_sql if self.kind == "approve" else self._product_lines_sql
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_product_run_line
                       (run_id, company_id, product_tmpl_id, language, state, error_code,
                        description_id)
                %s
                ON CONFLICT (run_id, product_tmpl_id, language) DO NOTHING
                """,
                make(),
            )
        )
        self.env["ai.product.run.line"].invalidate_model()
        self.invalidate_recordset()

    def _product_lines_sql(self):
        """One line for each product, and each language of a run that writes."""
        languages = self.language_ids.mapped("code") if self.kind == "generate" else [""]
        filled = SQL("FALSE")
        if self.kind == "generate" and self.fill_only_empty:
            filled = self._filled_sql()
        return SQL(
            """
            SELECT %(run)s, %(company)s, product.id, lang.code,
                   CASE WHEN %(filled)s THEN 'skipped' ELSE 'waiting' END,
                   CASE WHEN %(filled)s THEN 'filled' END, NULL::int
              FROM product_template AS product
             CROSS JOIN unnest(%(languages)s::varchar[]) AS lang (code)
             WHERE product.id IN %(products)s
             ORDER BY product.id, lang.code
            """,
            run=self._origin.id,
            company=self.company_id.id,
            filled=filled,
            languages=languages,
            products=self._product_query().subselect(),
        )

    def _filled_sql(self):
        """True for a product whose newest text has, or was asked for, every part of this run."""
        present = SQL(" AND ").join(
            SQL(
                "(COALESCE(newest.%s, '') != '' OR jsonb_exists(newest.proposed, %s))",
                SQL.identifier(part),
                part,
            )
            for part in self._parts()
        )
        return SQL(
            """
            COALESCE((SELECT %s FROM product_ai_description AS newest
                       WHERE newest.product_tmpl_id = product.id AND newest.company_id = %s
                         AND newest.language = lang.code AND newest.state IN ('draft', 'approved')
                       ORDER BY newest.version DESC LIMIT 1), FALSE)
            """,
            present,
            self.company_id.id,
        )

    def _text_lines_sql(self):
        """One line for each product's newest draft that has at least the score."""
        return SQL(
            """
            SELECT %(run)s, %(company)s, newest.product_tmpl_id, newest.language, 'waiting', NULL,
                   newest.id
              FROM (SELECT DISTINCT ON (product_tmpl_id, language) *
                      FROM product_ai_description
                     WHERE company_id = %(company)s AND state IN ('draft', 'approved')
                       AND product_tmpl_id IN %(products)s
                     ORDER BY product_tmpl_id, language, version DESC) AS newest
             WHERE newest.state = 'draft' AND newest.score >= %(score)s
             ORDER BY newest.product_tmpl_id, newest.language
            """,
            run=self._origin.id,
            company=self.company_id.id,
            score=self.minimum_score,
            products=self._product_query().subselect(),
        )
