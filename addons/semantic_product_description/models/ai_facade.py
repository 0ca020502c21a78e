import base64

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..pictures import reduced


class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [*super()._capabilities(), "writing_brief", "product_image"]

    @api.model
    def writing_brief(self, product_id, lang=None):
        """Return what a text about the tenant's product may use (docs/studio.md).

        lang: code of an installed language, the tenant's when None or not installed. UserError
        for a product that is not the tenant's.
        """
        tenant = self._tenant()
        installed = dict(self.env["res.lang"].sudo().get_installed())
        language = lang if lang in installed else tenant.language
        product = self._product_of(tenant, product_id).with_context(lang=language)
        url = f"{tenant._odoo_url()}/web/image/product.template/{product.id}/image_1920"
        return product._ai_writing_brief(tenant.company_id, language, image_url=url)

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
