import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.ai_system import documents

from ..wall_clock import iso_text

KINDS = [
    ("support", "Support"),
    ("feedback", "Feedback"),
    ("question", "Question"),
    ("suggestion", "Suggestion"),
    ("other", "Other"),
]
READINGS = [
    ("unread", "Not Read"),
    ("waiting", "Waiting to Be Read"),
    ("read", "Read"),
    ("failed", "Cannot Be Read"),
]
MAX_MEGABYTES = 10
AT_ONCE = 256 * 1024  # bytes that are read at the click; more is read by the cron
MEGABYTE = 1024 * 1024


class AiSupportDocument(models.Model):
    _name = "ai.support.document"
    _description = "Customer Support Document"
    _inherit = ["mail.thread", "ai.synced"]
    _order = "profile_id, kind, name, id"

    _synced_kind = "document"
    _synced_fields = frozenset({"name", "kind"})

    profile_id = fields.Many2one(
        "ai.company.profile",
        "Company Profile",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env["ai.company.profile"]._of_company(self.env.company),
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    name = fields.Char("Title", required=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default="support", tracking=True)
    file = fields.Binary(attachment=True, help="PDF, DOCX, TXT or CSV.")
    filename = fields.Char("File Name", tracking=True)
    reading = fields.Selection(
        READINGS, "Text", required=True, readonly=True, copy=False, default="unread"
    )
    reading_error = fields.Char(compute="_compute_reading_error")
    reading_code = fields.Char(readonly=True, copy=False)
    digest = fields.Char(readonly=True, copy=False, help="SHA-256 of the file that was read.")
    chunk_ids = fields.One2many(
        "ai.support.document.chunk", "document_id", "Passages", readonly=True
    )
    chunk_count = fields.Integer("Passages Read", compute="_compute_chunk_count")

    @api.depends("chunk_ids")
    def _compute_chunk_count(self):
        counts = dict(
            self.env["ai.support.document.chunk"]._read_group(
                [("document_id", "in", self.ids)], ["document_id"], ["__count"]
            )
        )
        for document in self:
            document.chunk_count = counts.get(document._origin, 0)

    @api.depends("reading_code")
    @api.depends_context("lang")
    def _compute_reading_error(self):
        sentences = self._reading_sentences()
        for document in self:
            code = document.reading_code
            document.reading_error = sentences.get(code, sentences["unreadable"]) if code else False

    @api.onchange("filename")
    def _onchange_filename(self):
        if self.filename and not self.name:
            self.name = self.filename.rpartition(".")[0] or self.filename

    @api.constrains("filename", "file")
    def _check_file(self):
        for document in self.filtered("file"):
            try:
                documents.kind_of(document.filename or "")
            except documents.UnknownKind as error:
                raise UserError(self._reading_sentences()[error.code]) from error

    def write(self, vals):
        result = super().write(vals)
        if "file" in vals:
            # What the AI knows stays as it was until somebody synchronizes the new file.
            self.write({"reading": "unread", "reading_code": False})
            known = self.filtered(lambda document: document.sync_state != "not_synced")
            known._set_sync({"sync_state": "to_sync"})
        return result

    def action_synchronize(self):
        """Read the files, replacing the passages of before, and offer them to the AI service.

        Small files are read at once; larger ones, or many, by a cron that starts at once.
        """
        self.check_access("write")
        for document in self:
            document.profile_id.tenant_id._check_connected()
            if not document.file:
                raise UserError(
                    self.env._("“%(document)s” has no file yet.", document=document.name)
                )
        for document in self:
            if len(self) == 1 and len(document._data()) <= AT_ONCE:
                document._read_file()
            else:
                document.write({"reading": "waiting", "reading_code": False})
        if any(document.reading == "waiting" for document in self):
            # Sudo: crons belong to the system; this one only reads what waits.
            self.env.ref("business_rules.ir_cron_read_documents").sudo()._trigger()
        return True

    @api.model
    def _cron_read_documents(self):
        """Read the files that wait, one transaction each."""
        waiting = self.search([("reading", "=", "waiting")])
        for number, document in enumerate(waiting, 1):
            document._read_file()
            self.env["ir.cron"]._commit_progress(1, remaining=len(waiting) - number)

    def _read_file(self):
        """Replace the passages by those of the file as it is now; note what is wrong with it."""
        self.ensure_one()
        data = self._data()
        try:
            chunks = documents.read_chunks(self.filename or "", data, self._max_bytes())
        except documents.DocumentError as error:
            self.write({"reading": "failed", "reading_code": error.code})
            self._set_sync({"sync_state": "error", "sync_error": self.reading_error})
            return
        # Sudo: passages are only ever made from a file, by nobody's hand.
        self.sudo().chunk_ids.unlink()
        self.env["ai.support.document.chunk"].sudo().create(
            [
                {
                    "document_id": self.id,
                    "sequence": number,
                    "page": chunk.page,
                    "text": chunk.text,
                    "digest": chunk.digest,
                }
                for number, chunk in enumerate(chunks, 1)
            ]
        )
        digest = hashlib.sha256(data).hexdigest()
        self.write({"reading": "read", "reading_code": False, "digest": digest})
        self._content_changed()

    def _data(self):
        self.ensure_one()
        # Sudo: the file is an attachment of this record, which the caller was let to write.
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "file"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )
        return attachment.raw or b""

    @api.model
    def _max_bytes(self):
        # Sudo: only the system group reads parameters.
        params = self.env["ir.config_parameter"].sudo()
        value = params.get_param("business_rules.max_document_megabytes") or MAX_MEGABYTES
        try:
            return int(float(value) * MEGABYTE)
        except ValueError:
            return MAX_MEGABYTES * MEGABYTE

    @api.model
    def _reading_sentences(self):
        size = self._max_bytes() / MEGABYTE
        return {
            "too_large": self.env._(
                "The file is larger than %(size)s MB. Split it, or leave out pictures.",
                size=f"{size:g}",
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

    def _told(self):
        """Only what was read is told: an upload alone changes nothing."""
        return super()._told().filtered("chunk_ids")

    def _untold_reason(self):
        reason = super()._untold_reason()
        if not reason and not self.chunk_ids:
            return self.env._("The AI does not know it: it was not synchronized yet.")
        return reason

    @api.model
    def _unsynced_domain(self):
        gone = Domain("available", "=", False) | Domain("active", "=", False)
        known = Domain("reading", "=", "read")
        return super()._unsynced_domain() & (known | gone)

    def _ai_facts(self, lang):
        """Return the facts of these documents (docs/rules.md); `lang` changes nothing."""
        return [document._ai_fact() for document in self]

    def _ai_fact(self):
        self.ensure_one()
        return {
            "kind": self._synced_kind,
            "id": self.id,
            "group": "document",
            "subkind": self.kind,
            "title": self.name,
            "sentence": "",
            "text": "",
            "priority": "normal",
            "valid_from": iso_text(None),
            "valid_to": iso_text(None),
            "structure": {},
            "products": [],
            "categories": [],
            "chunks": [{"page": chunk.page, "text": chunk.text} for chunk in self.chunk_ids],
            "write_date": fields.Datetime.to_string(self.changed_on),
        }
