import base64
import logging

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..pictures import reduced

_logger = logging.getLogger(__name__)

MAX_BRIEFS = 20


class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [*super()._capabilities(), "writing_brief", "writing_briefs", "product_image"]

    @api.model
    def writing_brief(self, product_id, lang=None):
        """Return what a text about the tenant's product may use (docs/studio.md).

        lang: code of an installed language, the tenant's when None or not installed. UserError
        for a product that is not the tenant's.
        """
        tenant = self._tenant()
        products = self._products_among(tenant, [product_id], lang, active_test=False)
        if not products:
            raise UserError(self.env._("The tenant has no such product."))
        return self._briefs_of(tenant, products)[products.id]

    @api.model
    def writing_briefs(self, product_ids, lang=None):
        """Return, for each of at most 20 ids, an answer shaped as those of `batch`.

        Its value is what `writing_brief` returns of that product. As many queries for many as for
        one; a product whose brief cannot be made costs the others nothing.
        """
        tenant = self._tenant()
        if not isinstance(product_ids, list) or len(product_ids) > MAX_BRIEFS:
            raise UserError(self.env._("Ask for at most %(count)s ids.", count=MAX_BRIEFS))
        products = self._products_among(tenant, product_ids, lang, active_test=False)
        # Made now, where there are none: what fails below takes back only what it did itself.
        self.env["ai.studio.settings"]._of(tenant.company_id)
        try:
            # A failed query must not end the transaction: each is then asked by itself.
            with self.env.cr.savepoint(flush=False):
                briefs = self._briefs_of(tenant, products)
        except OperationalError:  # Odoo repeats the whole request
            raise
        except Exception:  # of one of them: the log will say which
            _logger.warning("briefs of %s are made one by one", products.ids, exc_info=True)
            briefs = {}
        answers = []
        for product_id in product_ids:
            if product_id in briefs:
                answers.append({"ok": True, "value": briefs[product_id]})
                continue
            call = {"method": "writing_brief", "arguments": {"product_id": product_id}}
            call["arguments"]["lang"] = lang
            answers.append(self._batch_answer(call, {"writing_brief"}))
        return answers

    @api.model
    def _briefs_of(self, tenant, products):
        """Return {product id: brief}. products carries the language."""
        begin = f"{tenant._odoo_url()}/web/image/product.template"
        urls = {product_id: f"{begin}/{product_id}/image_1920" for product_id in products.ids}
        return products._ai_writing_briefs(tenant.company_id, products.env.lang, urls)

    @api.model
    def product_image(self, product_id):
        """Return {"mimetype", "data": base64} of the tenant's product, for a model that sees.

        A JPEG, PNG or WebP of at most 1024 pixels a side and 500 kB. {} where there is none, or
        where the company does not show images to the writer. UserError as `writing_brief`.
        """
        tenant = self._tenant()
        product = self._product_of(tenant, product_id)
        if not self.env["ai.studio.settings"]._of(tenant.company_id).tell_image:
            return {}
        # Sudo: files are not the integration user's to read; the product itself is.
        data = product.sudo().with_context(bin_size=False).image_1024
        found = reduced(base64.b64decode(data)) if data else None
        if found is None:
            return {}
        picture, mimetype = found
        return {"mimetype": mimetype, "data": base64.b64encode(picture).decode()}

    @api.model
    def _product_of(self, tenant, product_id):
        """Return the tenant's product, archived ones too. UserError for any other."""
        products = self._products(tenant).with_context(active_test=False)
        wanted = Domain("id", "=", int(product_id))
        product = products.search(self._product_domain(tenant) & wanted)
        if not product:
            raise UserError(self.env._("The tenant has no such product."))
        return product
