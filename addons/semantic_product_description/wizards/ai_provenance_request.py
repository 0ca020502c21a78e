from odoo import fields, models
from odoo.fields import Domain


class AiProvenanceRequest(models.TransientModel):
    """Which texts somebody wants the provenance of: more than an address could name.

    Its download finds them with the rights that the person then has, in the companies that were
    chosen then.
    """

    _name = "ai.provenance.request"
    _description = "Request for Provenance"

    description_ids = fields.Json(readonly=True, help="Chosen texts; the filter if none.")
    domain = fields.Json(readonly=True)
    allowed_company_ids = fields.Json(required=True, readonly=True)

    def _texts(self):
        """Return the texts of this request that the current user may read now.

        AccessError where one of its companies is not the user's any more.
        """
        self.ensure_one()
        chosen = Domain("id", "in", self.description_ids)
        if self.domain is not False:
            chosen = Domain(self.domain)
        texts = self.env["product.ai.description"]
        return texts.with_context(allowed_company_ids=self.allowed_company_ids).search(chosen)
