"""What a run will probably take, told before it starts."""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

SAMPLE = 200  # of the newest texts, from which the average is taken
PREVIEW = 5
PICTURED = "+ picture"  # in the prompt version of a text whose writer was shown the picture


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
                lines = run._product_lines_sql()
                run.text_count = run._count_lines("waiting", lines)
                run.estimate = run._estimate_sentence(run._count_pictures(lines))

    def _count(self, query):
        return self.env.execute_query(SQL("SELECT COUNT(*) FROM %s AS found", query.subselect()))[
            0
        ][0]

    def _count_lines(self, state, lines, condition=None):
        """Return how many of `lines` (SQL of _make_lines) would be in `state`.

        condition: SQL about their column `product`.
        """
        self.env.flush_all()
        names = SQL("run, company, product, language, state, code, text")
        query = SQL(
            "SELECT COUNT(*) FROM (%s) AS l (%s) WHERE state = %s AND %s",
            lines,
            names,
            state,
            condition or SQL("TRUE"),
        )
        return self.env.execute_query(query)[0][0]

    def _count_pictures(self, lines):
        """Return of how many texts the writer would be shown a picture, if its model sees."""
        # Sudo: what is told is settled by managers. Not _of: an estimate makes no settings.
        settings = self.env["ai.studio.settings"].sudo()
        settings = settings.search([("company_id", "=", self.company_id.id)])
        if settings and not settings.tell_image:
            return 0
        pictured = SQL(
            """
            EXISTS (SELECT FROM ir_attachment AS file
                     WHERE file.res_model = 'product.template' AND file.res_id = product
                       AND file.res_field = 'image_1920' AND file.mimetype NOT LIKE 'image/svg%%')
            """
        )
        return self._count_lines("waiting", lines, pictured)

    def _estimate_sentence(self, pictures):
        """Return what the texts will take, from the newest ones of the company, as sentences.

        pictures: of how many of them the writer would be shown a picture.
        """
        count = self.text_count
        sample, tokens, cost, currency, seen = self._expected(pictures)
        if not sample:
            return self.env._(
                "%(count)s texts. Nothing is known yet of what a text takes here: try 5 first.",
                count=count,
            )
        figures = {
            "count": count,
            "sample": sample,
            "tokens": formatLang(self.env, tokens, digits=0),
        }
        if cost:
            told = self.env._(
                "%(count)s texts, about %(tokens)s tokens, about %(currency)s %(amount)s. An "
                "estimate: the average of the newest texts (%(sample)s).",
                currency=currency,
                amount=formatLang(self.env, cost, digits=2 if cost >= 0.1 else 4),
                **figures,
            )
        else:
            told = self.env._(
                "%(count)s texts, about %(tokens)s tokens. An estimate: the average of the newest "
                "texts (%(sample)s); the price of this model is not known.",
                **figures,
            )
        return f"{told} {self._picture_sentence(pictures, seen)}".strip()

    def _picture_sentence(self, pictures, seen):
        if not pictures:
            return ""
        if seen:
            return self.env._(
                "The pictures of %(pictures)s texts are counted in.", pictures=pictures
            )
        return self.env._(
            "None of the newest texts was written with a picture; %(pictures)s of these would "
            "take more with a model that sees.",
            pictures=pictures,
        )

    def _expected(self, pictures):
        """Return (sample, tokens, cost, currency, seen) of this run's texts, `pictures` with one.

        sample: how many texts of a model are known, of the company's newest. seen: whether one of
        them was written with a picture; such ones tell what a picture adds.
        """
        known = {seen: figures for seen, *figures in self._averages()}
        if not known:
            return 0, 0, 0, "", False
        # Where one kind is not known the other one tells.
        plain, pictured = (known.get(seen) or known[not seen] for seen in (False, True))
        tokens, cost = (
            pictures * shown + (self.text_count - pictures) * told
            for told, shown in zip(plain[1:3], pictured[1:3], strict=True)
        )
        currency = plain[3] or pictured[3] or ""
        return sum(kind[0] for kind in known.values()), tokens, cost, currency, True in known

    def _averages(self):
        """Return [(pictured, texts, tokens, cost, currency)] of the company's newest texts."""
        return self.env.execute_query(
            SQL(
                """
                SELECT pictured, COUNT(*), AVG(input_tokens + output_tokens)::float,
                       AVG(cost)::float, MAX(cost_currency)
                  FROM (SELECT input_tokens, output_tokens, cost, cost_currency,
                               COALESCE(prompt_version, '') LIKE %s AS pictured
                          FROM product_ai_description
                         WHERE company_id = %s AND writer = 'llm'
                         ORDER BY id DESC LIMIT %s) AS newest
                 GROUP BY pictured
                """,
                f"%{PICTURED}%",
                self.company_id.id,
                SAMPLE,
            )
        )

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
        sentences = self.env["ai.product.run.line"]._sentences()
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
