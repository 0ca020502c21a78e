from odoo.tests import tagged

from .common import MassCase

BADGES = [
    "name",
    "ai_sync_state",
    "ai_quality",
    "ai_price",
    "ai_price_state",
    "ai_price_difference",
    "ai_popularity",
    "ai_hits",
    "ai_score",
    "is_favorite",
]


@tagged("post_install", "-at_install")
class TestBadges(MassCase):
    def _seen(self, product):
        return product.with_user(self.user).with_company(self.company)

    def _row(self, product, **values):
        rows = self.env["ai.product.sync"]
        row = rows.search([("tenant_id", "=", self.tenant.id), ("record_id", "=", product.id)])
        values = {"tenant_id": self.tenant.id, "product_tmpl_id": product.id, **values}
        if row:
            row.write(values)
            return row
        return rows.create({"record_id": product.id, **values})

    def test_a_fresh_product_has_grey_badges(self):
        product = self._seen(self.products[0])
        self.assertEqual(product.ai_quality, "none")
        self.assertEqual(product.ai_price_state, "none")
        self.assertEqual(product.ai_popularity, "new")
        self.assertEqual(product.ai_hits, 0)

    def test_quality_follows_the_text(self):
        text = self._text()
        self.assertEqual(self.mine.ai_quality, "generated")
        text.action_approve()
        self.assertEqual(self.mine.ai_quality, "verified")
        self._generate()
        self.assertEqual(self.mine.ai_quality, "verified", "the approved text is still in use")

    def test_a_rejected_text_is_none(self):
        self._text().action_reject()
        self.assertEqual(self.mine.ai_quality, "none")

    def test_popularity_comes_from_searches(self):
        product = self.products[0]
        for hits, popularity in (
            (0, "new"),
            (1, "low"),
            (10, "medium"),
            (49, "medium"),
            (50, "high"),
        ):
            self._row(product, hits=hits)
            self.env.invalidate_all()
            self.assertEqual(self._seen(product).ai_popularity, popularity, hits)

    def test_a_real_search_counts(self):
        row = self._row(self.products[0])
        self.env["ai.product.sync"]._count_hits(self.tenant, [row.record_id])
        self.env.invalidate_all()
        self.assertEqual(self._seen(self.products[0]).ai_popularity, "low")

    def test_prices_are_none_same_or_custom(self):
        product = self.products[0]
        for price, state, difference in ((100.0, "same", 0), (90.0, "custom", -10), (0, "none", 0)):
            product._set_ai_price(price, self.company)
            told = self._seen(product)
            self.assertEqual((told.ai_price_state, told.ai_price_difference), (state, difference))

    def test_a_new_list_price_makes_a_difference(self):
        product = self.products[0]
        product._set_ai_price(100.0, self.company)
        self.assertEqual(self._seen(product).ai_price_state, "same")
        product.list_price = 80.0
        self.assertEqual(self._seen(product).ai_price_difference, 25.0)

    def test_every_badge_is_searched_and_grouped(self):
        self._text().action_approve()
        self.products[0]._set_ai_price(90.0, self.company)
        self._row(self.products[1], hits=12, state="synced")
        products = self.env["product.template"].with_user(self.user).with_company(self.company)
        mine = [("company_id", "=", self.company.id)]
        for name, value, wanted in (
            ("ai_quality", "verified", self.product),
            ("ai_price_state", "custom", self.products[0]),
            ("ai_popularity", "medium", self.products[1]),
            ("ai_sync_state", "synced", self.products[1]),
        ):
            found = products.search([*mine, (name, "=", value)])
            self.assertEqual(found, wanted, name)
            others = products.search_count([*mine, (name, "!=", value)])
            self.assertEqual(others, 5, name)
            groups = dict(products._read_group(mine, [name], ["__count"]))
            self.assertEqual(groups[value], 1, name)
            self.assertEqual(sum(groups.values()), 6, name)
            told = products.fields_get([name], ["groupable", "searchable"])[name]
            self.assertTrue(told["groupable"] and told["searchable"], name)
        self.assertEqual(products.search([*mine, ("ai_hits", ">", 3)]), self.products[1])
        self.assertEqual(
            products.search([*mine, ("ai_price_difference", "<", 0)]), self.products[0]
        )

    def test_badges_are_of_the_current_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        shared = self._make_products(1, company_id=False)
        shared._set_ai_price(50.0, self.company)
        self.assertEqual(self._seen(shared).ai_price_state, "custom")
        self.assertEqual(shared.with_company(other).ai_price_state, "none")
        self.assertEqual(shared.with_company(other).ai_price, 0.0)

    def test_as_many_queries_for_a_thousand_products_as_for_ten(self):
        self._make_products(1000)
        products = self.env["product.template"].with_user(self.user).with_company(self.company)
        domain = [("company_id", "=", self.company.id)]
        specification = {name: {} for name in BADGES}
        counted = []
        for limit in (10, 10, 1000):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = products.web_search_read(domain, specification, limit=limit)
            counted.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(found["records"]), limit)
        # The first reading fills caches of the registry.
        self.assertEqual(counted[1], counted[2])
