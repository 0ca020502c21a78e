from odoo import fields, models


class AiSupportDocumentChunk(models.Model):
    """A passage of a document, as the AI gets it."""

    _name = "ai.support.document.chunk"
    _description = "Passage of a Support Document"
    _order = "document_id, sequence"
    _rec_name = "text"

    document_id = fields.Many2one(
        "ai.support.document", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="document_id.company_id", store=True, index=True)
    sequence = fields.Integer(required=True, readonly=True)
    page = fields.Integer(required=True, readonly=True)
    text = fields.Text(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, help="SHA-256 of the text.")

    _sequence_unique = models.Constraint(
        "UNIQUE(document_id, sequence)", "A passage of a document is there once."
    )
