from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [*super()._capabilities(), "writing_brief"]

    @api.model
    def writing_brief(self, product_id, lang=None):
        """Return what a text about the tenant's product may use (docs/studio.md).

        lang: code of an installed language, the tenant's when None or not installed. UserError
        for a product that is not the tenant's.
        """
        tenant = self._tenant()
        installed = dict(self.env["res.lang"].sudo().get_installed())
        language = lang if lang in installed else tenant.language
        products = self._products(tenant).with_context(lang=language, active_test=False)
        wanted = Domain("id", "=", int(product_id))
        product = products.search(self._product_domain(tenant) & wanted)
        if not product:
            raise UserError(self.env._("The tenant has no such product."))
        url = f"{tenant._odoo_url()}/web/image/product.template/{product.id}/image_1920"
        brief = product._ai_writing_brief(tenant.company_id, language, image_url=url)
        return brief
