from functools import partial

from odoo.tests import tagged

from ..models import ai_product_run_steps
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


@tagged("post_install", "-at_install")
class TestManyProducts(MassCase):
    """Nothing that the screen or a run does costs a query more for each product."""

    FEW, MANY = 20, 1000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_products(cls.FEW - 6)
        cls.domain = [("company_id", "=", cls.company.id)]

    def setUp(self):
        super().setUp()
        self.patch(ai_product_run_steps, "PRICES", 10)
        self.patch(ai_product_run_steps, "SYNCS", 10)

    def _queries(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _compare(self, acts):
        """Count the queries of each of `acts`: {name: function} with few and with many products."""
        few = self._counted(acts)
        self._make_products(self.MANY - self.FEW)
        for name, queries in self._counted(acts).items():
            self.assertLessEqual(queries, few[name], name)

    def _counted(self, acts):
        for act in acts.values():
            self._queries(act)  # fills the caches of the registry
        return {name: self._queries(act) for name, act in acts.items()}

    def test_filters_and_groups(self):
        products = self.env["product.template"].with_user(self.user).with_company(self.company)
        specification = {name: {} for name in BADGES}
        acts = {}
        for name, value in (
            ("ai_sync_state", "not_synced"),
            ("ai_sync_state", "synced"),
            ("ai_quality", "none"),
            ("ai_quality", "verified"),
            ("ai_price_state", "none"),
            ("ai_price_state", "custom"),
            ("ai_popularity", "new"),
            ("ai_popularity", "high"),
            ("ai_needs_update", True),
            ("ai_description_state", False),
        ):
            found = [*self.domain, (name, "=", value)]
            acts[name, value] = partial(products.web_search_read, found, specification, limit=10)
        for name in ("ai_sync_state", "ai_quality", "ai_price_state", "ai_popularity"):
            acts[name] = partial(products.web_read_group, self.domain, [name], ["__count"])
            order = f"{name} desc"
            acts[order] = partial(
                products.web_search_read, self.domain, specification, limit=10, order=order
            )
        self._compare(acts)

    def test_runs_over_a_filter(self):
        told = {"estimate": {}, "product_count": {}, "text_count": {}, "preview": {}}

        def ask(**values):
            run = self.managers_runs.create({"domain": repr(self.domain), **values})
            run.web_read(told)
            return run

        def start(**values):
            run = ask(**values)
            count = run.product_count
            run.action_start()
            self.assertEqual(run.line_count, count)
            run.run_progress()
            run.action_cancel()
            for job in self._jobs(run):
                job._cancel("enough")

        kinds = ({"kind": "generate"}, {"kind": "sync"}, {"kind": "price", "price_amount": -5})
        acts = {values["kind"]: partial(start, **values) for values in kinds}
        acts["estimate of approvals"] = partial(ask, kind="approve", minimum_score=0)
        self._compare(acts)
