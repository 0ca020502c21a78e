"""Papers about a product: data sheets, manuals, certificates."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.ai_system import documents

_logger = logging.getLogger(__name__)

READINGS = [
    ("unread", "Not Read"),
    ("read", "Read"),
    ("failed", "Cannot Be Read"),
]
MEGABYTE = 1024 * 1024
MAX_MEGABYTES = 10
READ = frozenset({"text", "reading", "reading_code"})
TOLD = 20_000  # characters of one document that a writer is told


class ProductAiDocument(models.Model):
    _name = "product.ai.document"
    _description = "Support Document of a Product"
    _order = "product_tmpl_id, name, id"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    name = fields.Char(
        "Title",
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    file = fields.Binary(attachment=True, required=True, help="PDF, DOCX, TXT or CSV.")
    filename = fields.Char("File Name")
    reading = fields.Selection(READINGS, "Text", required=True, readonly=True, default="unread")
    reading_code = fields.Char(readonly=True)
    reading_error = fields.Char(compute="_compute_reading_error")
    text = fields.Text("Text That Was Read", readonly=True)

    @api.depends("filename")
    def _compute_name(self):
        for document in self:
            document.name = document.name or document.filename

    @api.depends("reading_code")
    @api.depends_context("lang")
    def _compute_reading_error(self):
        sentences = self._reading_sentences()
        for document in self:
            code = document.reading_code
            document.reading_error = sentences.get(code, sentences["unreadable"]) if code else False

    @api.constrains("filename", "file")
    def _check_file(self):
        for document in self:
            try:
                documents.kind_of(document.filename or "")
            except documents.UnknownKind as error:
                raise UserError(self._reading_sentences()[error.code]) from error

    @api.constrains("product_tmpl_id", "company_id")
    def _check_product(self):
        """Whoever may attach a paper sees the product, and the product is not another company's."""
        for document in self:
            document.product_tmpl_id.check_access("read")
            owner = document.product_tmpl_id.sudo().company_id
            if owner and owner != document.company_id:
                raise UserError(self.env._("The product belongs to another company."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        result = super().write(vals)
        if "file" in vals:
            # What writers are told stays as it was until somebody synchronizes the new file.
            # Sudo: people do not write the state of the reading themselves.
            self.sudo().write({"reading": "unread", "reading_code": False})
        return result

    @api.model
    def _check_typed(self, vals):
        if not self.env.su and READ & vals.keys():
            raise UserError(self.env._("A document's text is what was read from its file."))

    def action_synchronize(self):
        """Read the files: from now on writers are told what stands in them."""
        self.check_access("write")
        for document in self:
            document._read_file()
        return True

    def _read_file(self):
        self.ensure_one()
        # Sudo: the file is this record's, and its text is nobody's to type.
        told = self.sudo()
        try:
            chunks = documents.read_chunks(
                self.filename or "", told._data(), MAX_MEGABYTES * MEGABYTE
            )
        except documents.DocumentError as error:
            _logger.info("document %s cannot be read: %s", self.id, error.code)
            told.write({"reading": "failed", "reading_code": error.code, "text": False})
            return
        text = "\n\n".join(chunk.text for chunk in chunks)
        told.write({"reading": "read", "reading_code": False, "text": text})

    def _data(self):
        domain = [("res_model", "=", self._name), ("res_field", "=", "file")]
        attachment = self.env["ir.attachment"].search([*domain, ("res_id", "=", self.id)], limit=1)
        return attachment.raw or b""

    @api.model
    def _of_products(self, products, company):
        """Return {product id: (sudo) its documents whose text was read}, by one query."""
        # Sudo: whoever may have a text written need not see the papers it stands on.
        documents = self.sudo().search(
            [
                ("product_tmpl_id", "in", products.ids),
                ("company_id", "=", company.id),
                ("text", "!=", False),
            ],
            order="name, id",
        )
        told = dict.fromkeys(products.ids, documents.browse())
        for product, own in documents.grouped("product_tmpl_id").items():
            told[product.id] = own
        return told

    @api.model
    def _reading_sentences(self):
        return {
            "too_large": self.env._(
                "The file is larger than %(size)s MB. Split it, or leave out pictures.",
                size=MAX_MEGABYTES,
            ),
            "too_long": self.env._(
                "The document is too long: over 1000 pages or 2 million characters."
            ),
            "encrypted": self.env._(
                "The file is protected by a password, or is in Word's old format. Save it without "
                "a password, as DOCX or PDF."
            ),
            "no_text": self.env._(
                "The file has no text, only pictures: it was scanned. Run a text recognition (OCR) "
                "over it first."
            ),
            "unreadable": self.env._("The file is damaged, or is not what its name says."),
            "unknown_kind": self.env._("Only PDF, DOCX, TXT and CSV files can be read."),
        }
