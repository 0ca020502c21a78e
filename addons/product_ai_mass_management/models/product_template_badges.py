"""The badges of the mass screen: each is one SQL expression, which is read, searched and grouped.

So ten thousand products cost as many queries as ten, and the badge, the filter and the group never
disagree. All are about the current company.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .product_template_price import GROUP

QUALITIES = [("none", "No text"), ("generated", "Generated"), ("verified", "Verified")]
PRICES = [("none", "List price"), ("same", "Same"), ("custom", "Custom")]
POPULARITIES = [("new", "New"), ("low", "Low"), ("medium", "Medium"), ("high", "High")]
MEDIUM, HIGH = 10, 50  # searches of customers and colleagues that found the product
COMPARED = {
    "ai_hits": ("=", "!=", "<", "<=", ">", ">="),
    "ai_price_difference": ("=", "!=", "<", "<=", ">", ">="),
}


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_quality = fields.Selection(
        QUALITIES,
        "AI Text",
        compute="_compute_ai_badges",
        search="_search_ai_quality",
        groups=GROUP,
    )
    ai_price_state = fields.Selection(
        PRICES,
        "AI Price Status",
        compute="_compute_ai_badges",
        search="_search_ai_price_state",
        groups=GROUP,
    )
    ai_price_difference = fields.Float(
        "AI Price ±%",
        compute="_compute_ai_badges",
        search="_search_ai_price_difference",
        digits=(16, 1),
        groups=GROUP,
        help="By how many percent the AI price differs from the list price.",
    )
    ai_popularity = fields.Selection(
        POPULARITIES,
        "Popularity",
        compute="_compute_ai_badges",
        search="_search_ai_popularity",
        groups=GROUP,
        help="From searches that found the product: low from 1, medium from 10, high from 50.",
    )
    ai_hits = fields.Integer(
        "Found",
        compute="_compute_ai_badges",
        search="_search_ai_hits",
        groups=GROUP,
        help="How often AI Search found it.",
    )

    @api.depends(
        "list_price",
        "company_id",
        "ai_price_ids.price",
        "ai_sync_ids.hits",
        "ai_description_ids.state",
        "ai_description_ids.language",
    )
    @api.depends_context("company")
    def _compute_ai_badges(self):
        names = ("ai_quality", "ai_price_state", "ai_price_difference", "ai_popularity", "ai_hits")
        columns = [self._ai_badge_sql("product", name) for name in names]
        ids = self._origin.ids
        query = SQL(
            "SELECT product.id, %s FROM product_template AS product WHERE product.id = ANY(%s)",
            SQL(", ").join(columns),
            ids,
        )
        rows = {row[0]: row[1:] for row in self.env.execute_query(query)} if ids else {}
        for product in self:
            told = rows.get(product._origin.id, ("none", "none", 0.0, "new", 0))
            for name, value in zip(names, told, strict=True):
                product[name] = value

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let badges be grouped and sorted by."""
        expression = self._ai_badge_sql(alias, field_expr)
        if expression is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        return expression

    def _search_ai_quality(self, operator, value):
        return self._ai_badge_domain("ai_quality", operator, value)

    def _search_ai_price_state(self, operator, value):
        return self._ai_badge_domain("ai_price_state", operator, value)

    def _search_ai_popularity(self, operator, value):
        return self._ai_badge_domain("ai_popularity", operator, value)

    def _search_ai_hits(self, operator, value):
        return self._ai_badge_domain("ai_hits", operator, value)

    def _search_ai_price_difference(self, operator, value):
        return self._ai_badge_domain("ai_price_difference", operator, value)

    @api.model
    def _ai_badge_domain(self, name, operator, value):
        """Return the domain of products whose badge `name` fulfills the condition."""
        badge = self._ai_badge_sql("product", name)
        if operator == "in":
            condition = SQL("%s = ANY(%s)", badge, list(value))
        elif operator in COMPARED.get(name, ()):
            condition = SQL(f"%s {operator} %s", badge, value)
        else:
            return NotImplemented
        found = SQL("(SELECT product.id FROM product_template AS product WHERE %s)", condition)
        return Domain("id", "in", found)

    @api.model
    def _ai_badge_sql(self, alias, name):
        """Return the SQL of the badge `name` for the products of `alias`; None for other fields."""
        product = SQL.identifier(alias, "id")
        if name == "ai_sync_state":
            return SQL("COALESCE(%s, 'not_synced')", self._ai_row_sql(product, "state"))
        if name == "ai_hits":
            return SQL("COALESCE(%s, 0)", self._ai_row_sql(product, "hits"))
        if name == "ai_popularity":
            return SQL(
                "(CASE WHEN %(hits)s >= %(high)s THEN 'high' WHEN %(hits)s >= %(medium)s "
                "THEN 'medium' WHEN %(hits)s > 0 THEN 'low' ELSE 'new' END)",
                hits=self._ai_badge_sql(alias, "ai_hits"),
                high=HIGH,
                medium=MEDIUM,
            )
        if name == "ai_quality":
            return self._ai_quality_sql(product)
        if name == "ai_price":
            return self._ai_price_sql(product)
        if name == "ai_price_state":
            price, listed = self._ai_price_sql(product), self._ai_list_price_sql(alias)
            return SQL(
                "(CASE WHEN %(price)s IS NULL THEN 'none' WHEN %(price)s = %(listed)s "
                "THEN 'same' ELSE 'custom' END)",
                price=price,
                listed=listed,
            )
        if name == "ai_price_difference":
            price, listed = self._ai_price_sql(product), self._ai_list_price_sql(alias)
            return SQL(
                "COALESCE((ROUND((%(price)s / NULLIF(%(listed)s, 0) - 1) * 100, 1))::float, 0)",
                price=price,
                listed=listed,
            )
        return None

    def _ai_row_sql(self, product, column):
        rows = self.env["ai.product.sync"]
        return SQL(
            "(SELECT kept.%s FROM ai_product_sync AS kept"
            " WHERE kept.product_tmpl_id = %s AND kept.company_id = %s LIMIT 1)",
            SQL.identifier(column),
            product,
            self.env.company.id,
            to_flush=(rows._fields[column], rows._fields["product_tmpl_id"]),
        )

    def _ai_quality_sql(self, product):
        texts = self.env["product.ai.description"]
        return SQL(
            """
            COALESCE((SELECT CASE WHEN bool_or(text.state = 'approved') THEN 'verified'
                                  ELSE 'generated' END
                        FROM product_ai_description AS text
                       WHERE text.product_tmpl_id = %s AND text.company_id = %s
                         AND text.language = %s AND text.state IN ('draft', 'approved')
                      HAVING COUNT(*) > 0), 'none')
            """,
            product,
            self.env.company.id,
            self._ai_company_tenant().language or "",
            to_flush=(texts._fields["state"], texts._fields["language"]),
        )

    def _ai_price_sql(self, product):
        prices = self.env["product.ai.price"]
        return SQL(
            "(SELECT own.price FROM product_ai_price AS own"
            " WHERE own.product_tmpl_id = %s AND own.company_id = %s)",
            product,
            self.env.company.id,
            to_flush=prices._fields["price"],
        )

    def _ai_list_price_sql(self, alias):
        """The list price in the company's currency: shared products are priced in another one."""
        company = self.env.company
        main = self.env["res.company"]._get_main_company().sudo().currency_id
        day = fields.Date.context_today(self)
        rate = main._convert(1.0, company.currency_id, company, day, round=False)
        return SQL(
            "ROUND(%s * (CASE WHEN %s IS NULL THEN %s ELSE 1 END)::numeric, %s)",
            SQL("%s::numeric", SQL.identifier(alias, "list_price")),
            SQL.identifier(alias, "company_id"),
            rate,
            company.currency_id.decimal_places,
            to_flush=(self._fields["list_price"], self._fields["company_id"]),
        )
