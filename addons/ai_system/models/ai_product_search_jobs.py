"""Jobs of AI Search and of “View in AI System”: their answers go to the person who asked."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..exceptions import InvalidResult

MOST_FOUND = 50
KEPT = timedelta(days=1)
ASKED = ("search_products", "product_text")
FORGOTTEN = ("search_products", "product_chosen")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiJob(models.Model):
    _inherit = "ai.job"

    def action_retry(self):
        if any(job.action in FORGOTTEN for job in self):
            # What was searched for is not kept.
            raise UserError(self.env._("Ask again in AI System ▸ Products ▸ AI Search."))
        return super().action_retry()

    @api.model
    def _drop_unsent_searches(self, tenant):
        """Remove the caller's questions that did not leave yet: a newer one takes their place."""
        # Sudo: people do not write jobs themselves; these are the caller's own.
        stale = self.sudo().search(
            [
                ("tenant_id", "=", tenant.id),
                ("action", "=", "search_products"),
                ("user_id", "=", self.env.uid),
                ("state", "=", "pending"),
            ]
        )
        stale = stale.try_lock_for_update()
        stale.state = "cancelled"
        stale.unlink()

    def _apply_search_products(self, result):
        """Send the person who asked what was found, and count it. Raises InvalidResult."""
        self.ensure_one()
        products = self._checked_found(result)
        ids = [product["id"] for product in products]
        self.env["ai.product.sync"]._count_hits(self.tenant_id, ids)
        asker = self.env["ai.product.search"].with_user(self.user_id)
        asker = asker.with_context(
            allowed_company_ids=self.company_id.ids, lang=self.user_id.lang, tz=self.user_id.tz
        )
        self._answer_search({"products": asker._cards(products), "error": False})

    @api.model
    def _checked_found(self, result):
        """Return the products of a result of docs/contracts.md. Raises InvalidResult."""
        products = result.get("products")
        if not isinstance(products, list) or len(products) > MOST_FOUND:
            raise InvalidResult("products is not a list")
        for product in products:
            if not isinstance(product, dict) or type(product.get("id")) is not int:
                raise InvalidResult("a product has no id")
            if any(type(product.get(name)) not in (int, float) for name in ("price", "score")):
                raise InvalidResult("price or score is not a number")
            if type(product.get("stock")) not in (int, float, type(None)):
                raise InvalidResult("stock is not a number")
            why = product.get("why")
            if not isinstance(why, list) or not all(isinstance(reason, str) for reason in why):
                raise InvalidResult("why is not a list of reasons")
        return products

    def _answer_search(self, answer):
        self.ensure_one()
        self.user_id.partner_id._bus_send("ai_system.search", {"job_id": self.uuid, **answer})
        # What people search for is nobody else's business.
        self.payload = {}

    def _apply_product_text(self, result):
        """Show the text in the dialog that asked for it. Raises InvalidResult."""
        self.ensure_one()
        text = result.get("text")
        if type(result.get("indexed")) is not bool or not isinstance(text, str):
            raise InvalidResult("text or indexed is missing")
        # The dialog may be closed and forgotten by now.
        self.env[self.model].browse(self.res_id).exists()._show_text(result["indexed"], text)

    def _storable_result(self, result):
        if self.action == "search_products":
            products = result.get("products")
            found = len(products) if isinstance(products, list) else 0
            return {"found": found, "took_ms": result.get("took_ms")}
        if self.action == "product_text":
            return {"indexed": result.get("indexed")}
        return super()._storable_result(result)

    def _ended_badly(self):
        result = super()._ended_badly()
        if self.action == "search_products":
            told = self.with_context(lang=self.user_id.lang or self.tenant_id.language)
            self._answer_search({"products": [], "error": told.error_display or ""})
        elif self.action == "product_text" and self.state == "failed":
            self.env[self.model].browse(self.res_id).exists().write({"state": "failed"})
        return result

    @api.autovacuum
    def _gc_questions(self):
        """Remove ended searches and readings: they are of no use to anybody a day later."""
        self.search(
            [
                ("action", "in", ASKED),
                ("state", "in", ("done", "failed", "cancelled")),
                ("create_date", "<", fields.Datetime.now() - KEPT),
            ],
            limit=10_000,
        ).unlink()
