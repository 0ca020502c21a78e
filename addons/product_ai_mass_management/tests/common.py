from unittest.mock import patch

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.semantic_product_description.tests.common import DescriptionCase

from ..models import ai_product_run_steps, ai_product_run_texts


class MassCase(DescriptionCase):
    """The studio's shop with five more products, and a sidecar that answers when told to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Several products, so that batches have something to be cut from.
        cls.products = cls._make_products(5)
        cls.runs = cls.env["ai.product.run"].with_user(cls.user).with_company(cls.company)
        cls.runs = cls.runs.with_context(lang="en_US")
        cls.managers_runs = cls.runs.with_user(cls.manager)

    def setUp(self):
        super().setUp()
        # Small batches tell as much as large ones, in less time.
        self.patch(ai_product_run_texts, "BATCH", 4)
        self.patch(ai_product_run_steps, "APPROVALS", 4)

    @classmethod
    def _make_products(cls, count, **values):
        return cls.env["product.template"].create(
            [
                {
                    "name": f"Stool {number:05}",
                    "company_id": cls.company.id,
                    "list_price": 100.0,
                    "categ_id": False,
                    **values,
                }
                for number in range(count)
            ]
        )

    def _run(self, products=None, runs=None, **values):
        """Return a run over `products` that was started by the salesperson."""
        chosen = self.products if products is None else products
        run = (self.runs if runs is None else runs).create({"product_ids": chosen.ids, **values})
        run.action_start()
        self.env.invalidate_all()
        return run

    def _jobs(self, run, *states):
        # In the environment of the run: a browser's request has its own.
        return (
            run.env["ai.job"]
            .sudo()
            .search([("model", "=", run._name), ("res_id", "=", run.id)], order="id")
            .filtered(lambda job: job.state in (states or ("pending", "sent")))
        )

    def _answer(self, job, errors=(), **changes):
        """End a bulk job; the products `errors` get an error instead of a text."""
        results = []
        for item in job.payload["items"]:
            key = {name: item[name] for name in ("product_id", "language")}
            if item["product_id"] in errors:
                told = {"error": {"code": "not_found", "message": "No such product."}}
            else:
                told = {"result": {**self._result(), **key, **changes}}
            results.append({**key, **told})
        job._finish({"results": results})
        self._cron(job.env)

    def _cron(self, env=None):
        """Run the cron once that goes on with runs."""
        env = env or self.env
        with patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")):
            env["ai.product.run"].sudo()._cron_advance()
        env.invalidate_all()

    def _counts(self, run):
        """Return {state: lines}, without empty states."""
        told = run.run_progress()
        names = ("waiting", "sent", "done", "skipped", "failed", "cancelled")
        return {name: told[name] for name in names if told[name]}
