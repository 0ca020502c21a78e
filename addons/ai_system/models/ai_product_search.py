"""AI Search: a person's question, sent as a job, and what the screen shows of the answer."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, formatLang

LONGEST_QUESTION = 300
SHOWN = 20


class AiProductSearch(models.AbstractModel):
    _name = "ai.product.search"
    _description = "AI Search"

    @api.model
    def ask(self, question, available_only=True):
        """Have the company's products searched; return {"job_id"} or {"obstacle": sentence}.

        The answer goes over the bus to the one who asked, as `ai_system.search`
        (docs/contracts.md). An earlier question of the same person that did not leave yet is
        dropped.
        """
        # Who may see jobs may ask for them; employees outside the AI groups may not.
        self.env["ai.job"].check_access("read")
        question = self._tidied(question)
        if not question:
            raise UserError(self.env._("Type what you are looking for."))
        tenant = self.env["ai.tenant"]._for_company(self.env.company)
        if obstacle := tenant._search_obstacle():
            return {"obstacle": obstacle}
        self.env["ai.job"]._drop_unsent_searches(tenant)
        params = {
            "query": question,
            "limit": SHOWN,
            "filters": {"availability": "in_stock" if available_only else "any"},
        }
        return {"job_id": self.env["ai.job"]._enqueue(tenant, "search_products", params).uuid}

    @api.model
    def note_choice(self, question, product_id):
        """Let the search learn that the caller opened a product it found for `question`.

        Nothing waits for it and nothing is told: a choice that cannot be learned is left out.
        """
        # Who may ask may teach.
        self.env["ai.job"].check_access("read")
        question = self._tidied(question)
        product = self.env["product.template"].search([("id", "=", product_id)])
        tenant = self.env["ai.tenant"]._for_company(self.env.company)
        if question and product and not tenant._search_obstacle():
            self.env["ai.job"]._queue_choice(tenant, question, product)

    @api.model
    def _tidied(self, question):
        return " ".join(str(question).split())[:LONGEST_QUESTION]

    @api.model
    def _cards(self, products):
        """Return what the screen shows of `products` (a result's): only what the user may read."""
        templates = self.env["product.template"]
        visible = templates.search([("id", "in", [product["id"] for product in products])])
        by_id = {template.id: template for template in visible}
        best = max((product["score"] for product in products), default=0) or 1
        return [
            {
                "id": product["id"],
                "name": by_id[product["id"]].name,
                "code": by_id[product["id"]].default_code or "",
                "image": f"/web/image/product.template/{product['id']}/image_256",
                "price": format_amount(self.env, product["price"], self.env.company.currency_id),
                "stock": self._stock_text(product["stock"], by_id[product["id"]]),
                "available": product["stock"] is None or product["stock"] > 0,
                "score": round(100 * max(product["score"], 0) / best),
                "why": [self._why_text(reason) for reason in product["why"]],
            }
            for product in products
            if product["id"] in by_id
        ]

    def _stock_text(self, stock, template):
        if stock is None:
            return self.env._("Stock not counted")
        if stock <= 0:
            return self.env._("Out of stock")
        quantity = formatLang(self.env, stock, digits=0 if stock == int(stock) else 2)
        return self.env._(
            "%(quantity)s %(unit)s in stock", quantity=quantity, unit=template.uom_id.name
        )

    def _why_text(self, reason):
        """Return a reason of the search in words; an unknown one as it came."""
        kind, _colon, what = reason.partition(": ")
        return {
            "code": self.env._("Code: %(what)s", what=what),
            "name": self.env._("Name: %(what)s", what=what),
            "category": self.env._("Category: %(what)s", what=what),
            "text": self.env._("Words of its description"),
            "meaning": self.env._("Meaning"),
        }.get(kind, reason)
