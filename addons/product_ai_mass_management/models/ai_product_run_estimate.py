"""What a run will probably take, told before it starts."""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

SAMPLE = 200  # of the newest texts, from which the average is taken
PREVIEW = 5


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiProductRun(models.Model):
    _inherit = "ai.product.run"

    product_count = fields.Integer("Products", compute="_compute_estimate")
    text_count = fields.Integer("Texts to Write", compute="_compute_estimate")
    estimate = fields.Text(compute="_compute_estimate")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends(
        "kind",
        "product_ids",
        "domain",
        "language_ids",
        "fill_only_empty",
        "minimum_score",
        "short_description",
        "description",
        "key_features",
        "use_cases",
        "tags",
        "seo_title",
        "meta_description",
        "image_alt",
    )
    @api.depends_context("lang")
    def _compute_estimate(self):
        for run in self:
            run.product_count = run.text_count = 0
            run.estimate = False
            if run.state != "draft":
                continue
            run.product_count = run._count(run._product_query())
            if run.kind == "approve":
                run.text_count = run._count_lines("waiting", run._text_lines_sql())
                run.estimate = self.env._(
                    "%(count)s drafts have this score. Those with claims without a source, or held "
                    "back by the gates, stay drafts.",
                    count=run.text_count,
                )
            elif run.kind == "generate" and run._parts() and run.language_ids:
                run.text_count = run._count_lines("waiting", run._product_lines_sql())
                run.estimate = run._estimate_sentence()

    def _count(self, query):
        return self.env.execute_query(SQL("SELECT COUNT(*) FROM %s AS found", query.subselect()))[
            0
        ][0]

    def _count_lines(self, state, lines):
        """Return how many of `lines` (SQL of _make_lines) would be in `state`."""
        self.env.flush_all()
        names = SQL("run, company, product, language, state, code, text")
        query = SQL("SELECT COUNT(*) FROM (%s) AS l (%s) WHERE state = %s", lines, names, state)
        return self.env.execute_query(query)[0][0]

    def _estimate_sentence(self):
        """Return what the texts will take, from the newest ones of the company, as a sentence."""
        count, average = self.text_count, self._average()
        if not average:
            return self.env._(
                "%(count)s texts. Nothing is known yet of what a text takes here: try 5 first.",
                count=count,
            )
        sample, tokens, cost, currency = average
        figures = {
            "count": count,
            "sample": sample,
            "tokens": formatLang(self.env, count * tokens, digits=0),
        }
        if not cost:
            return self.env._(
                "%(count)s texts, about %(tokens)s tokens. An estimate: the average of the newest "
                "texts (%(sample)s); the price of this model is not known.",
                **figures,
            )
        amount = formatLang(self.env, count * cost, digits=2 if count * cost >= 0.1 else 4)
        return self.env._(
            "%(count)s texts, about %(tokens)s tokens, about %(currency)s %(amount)s. An estimate: "
            "the average of the newest texts (%(sample)s).",
            currency=currency or "",
            amount=amount,
            **figures,
        )

    def _average(self):
        """Return (texts, tokens, cost, currency) of the company's newest texts of a model."""
        self.ensure_one()
        ((sample, tokens, cost, currency),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), AVG(input_tokens + output_tokens)::float, AVG(cost)::float,
                       MAX(cost_currency)
                  FROM (SELECT input_tokens, output_tokens, cost, cost_currency
                          FROM product_ai_description
                         WHERE company_id = %s AND writer = 'llm'
                         ORDER BY id DESC LIMIT %s) AS newest
                """,
                self.company_id.id,
                SAMPLE,
            )
        )
        return (sample, tokens, cost, currency) if sample else None

    @api.depends("kind", "product_ids", "domain", "price_method", "price_base", "price_amount")
    @api.depends_context("lang")
    def _compute_preview(self):
        for run in self:
            run.preview = False
            if run.kind == "price" and run.state == "draft":
                run.preview = self.env["ir.qweb"]._render(
                    "product_ai_mass_management.price_preview", {"rows": run._price_rows()}
                )

    def _price_rows(self):
        """Return what would become of the first prices: texts and a fault, or False."""
        query = self._product_query()
        query.limit = PREVIEW
        # Sudo: the query found them with the rights of who asks.
        products = self.env["product.template"].sudo().browse(query)
        sentences = self.line_ids._sentences()
        rows = []
        for product in products:
            old = product._ai_price_row(self.company_id).price
            new, fault = self._new_price(product, old)

            def told(amount):
                money = formatLang(self.env, amount, currency_obj=self.currency_id)
                return money if amount else "–"

            rows.append(
                {
                    "name": product.display_name,
                    "listed": told(product._ai_list_price(self.company_id)),
                    "old": told(old),
                    "new": told(old if fault else new),
                    "fault": sentences.get(fault, False),
                }
            )
        return rows
