from odoo.tests import HttpCase, tagged

from .product_sync_case import ProductSyncCase


@tagged("post_install", "-at_install")
class TestProductTours(ProductSyncCase, HttpCase):
    def test_ask_and_open_what_was_found(self):
        self.start_tour("/odoo/ai-search", "ai_product_search", login=self.salesperson.login)
        job = self.env["ai.job"].search([("action", "=", "search_products")])
        self.assertEqual(job.user_id, self.salesperson)
        self.assertEqual(job.payload["query"], "gray sofa")
        choice = self.env["ai.job"].search([("action", "=", "product_chosen")])
        self.assertEqual(choice.payload["query"], "gray sofa")
        self.assertEqual(choice.payload["product_id"], self.mine.id)

    def test_the_badges_and_what_the_index_holds(self):
        states = ("synced", "needs_update", "queued", "error", "not_synced")
        products = self.env["product.template"].create(
            [{"name": f"Badge {state}", "company_id": self.company.id} for state in states]
        )
        self._marked()
        for product, state in zip(products, states, strict=True):
            self.env.cr.execute(
                "UPDATE ai_product_sync SET state = %s, error_code = %s WHERE record_id = %s",
                [state, "upstream_error" if state == "error" else None, product.id],
            )
        self.env.invalidate_all()
        self.start_tour(
            "/odoo/action-ai_system.ai_product_sync_action",
            "ai_product_badges",
            login=self.salesperson.login,
        )

    def test_the_outcome_of_a_test_leads_to_its_page(self):
        self.tenant._set_checks(
            [{"part": "sidecar", "state": "ok"}, {"part": "llm", "state": "failed"}]
        )
        self.start_tour(
            f"/odoo/action-ai_system.ai_tenant_action/{self.tenant.id}",
            "ai_tenant_summary",
            login=self.manager.login,
        )
