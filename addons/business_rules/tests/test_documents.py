import base64
import io
import zipfile
from xml.sax.saxutils import escape

from freezegun import freeze_time
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from odoo.addons.ai_system import documents

from ..models import ai_support_document
from .common import COUNTS, RulesCase

MEGABYTE = 1024 * 1024
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def pdf(*pages):
    """Return a PDF with a page for each text; an empty one has nothing but a drawing."""
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, pagesize=A4)
    for text in pages:
        if text:
            drawing.drawString(72, 720, text)
        else:
            drawing.rect(72, 72, 200, 200, fill=1)
        drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def locked(data, password):
    writer = documents.pdf_library.PdfWriter()
    for page in documents.pdf_library.PdfReader(io.BytesIO(data)).pages:
        writer.add_page(page)
    writer.encrypt(password, owner_password="owner")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def docx(body, prefix=""):
    buffer = io.BytesIO()
    xml = f'<?xml version="1.0"?>{prefix}<w:document {W}><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml)
    return buffer.getvalue()


def paragraph(text, before=""):
    return f"<w:p><w:r>{before}<w:t>{escape(text)}</w:t></w:r></w:p>"


@tagged("post_install", "-at_install")
class TestReading(BaseCase):
    def _read(self, name, data, limit=MEGABYTE):
        return [(chunk.page, chunk.text) for chunk in documents.read_chunks(name, data, limit)]

    def test_pdf_by_pages(self):
        found = self._read("care.PDF", pdf("Wax twice a year.", "", "No silicone."))
        self.assertEqual(found, [(1, "Wax twice a year."), (3, "No silicone.")])

    def test_pdf_that_is_only_protected_against_printing(self):
        self.assertEqual(self._read("a.pdf", locked(pdf("Open."), "")), [(1, "Open.")])

    def test_docx_with_tables_and_pages(self):
        table = (
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Linen</w:t></w:r></w:p></w:tc>"
            "<w:tc><w:p><w:r><w:t>30 °C</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        )
        body = (
            paragraph("Cuidados & dicas")
            + table
            + paragraph("Segunda página", '<w:br w:type="page"/>')
            + paragraph("Terceira", "<w:lastRenderedPageBreak/>")
        )
        self.assertEqual(
            self._read("a.docx", docx(body)),
            [(1, "Cuidados & dicas\n\nLinen | 30 °C"), (2, "Segunda página"), (3, "Terceira")],
        )

    def test_txt_in_the_encodings_of_the_world(self):
        for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
            self.assertEqual(
                self._read("a.txt", "Não\r\n\r\n\r\n\r\nabra".encode(encoding)),
                [(1, "Não\n\nabra")],
                encoding,
            )

    def test_csv_rows_carry_the_names_of_their_columns(self):
        data = "Produto;Prazo\nSofá;5 dias\n;\nMesa;10 dias\n".encode("cp1252")
        self.assertEqual(
            self._read("a.csv", data),
            [(1, "Produto: Sofá; Prazo: 5 dias\n\nProduto: Mesa; Prazo: 10 dias")],
        )
        self.assertEqual(self._read("a.csv", b'q,a\n"x, y",z\n'), [(1, "q: x, y; a: z")])

    def test_long_pages_are_cut_between_sentences(self):
        text = "A sentence of some length. " * 200
        chunks = documents.read_chunks("a.txt", text.encode(), MEGABYTE)
        self.assertTrue(all(len(chunk.text) <= documents.CHUNK for chunk in chunks))
        self.assertTrue(all(chunk.text.endswith(".") for chunk in chunks))
        self.assertEqual(" ".join(chunk.text for chunk in chunks), text.strip())
        self.assertEqual(len({chunk.digest for chunk in chunks}) > 1, len(chunks) > 1)
        unbroken = documents.read_chunks("a.txt", b"x" * 3000, MEGABYTE)
        self.assertEqual("".join(chunk.text for chunk in unbroken), "x" * 3000)

    def test_each_fault_has_its_name(self):
        bomb = docx(paragraph("0" * (documents.MAX_UNPACKED + 1)))
        ole = documents.OLE + b"\x00" * 600
        for name, data, fault in (
            ("a.pdf", locked(pdf("Secret."), "password"), documents.Encrypted),
            ("a.docx", ole, documents.Encrypted),
            ("a.pdf", pdf("", ""), documents.NoText),
            ("a.txt", b" \n ", documents.NoText),
            ("a.docx", docx(""), documents.NoText),
            ("a.pdf", b"%PDF-1.4 nothing", documents.Unreadable),
            ("a.pdf", b"", documents.Unreadable),
            ("a.docx", b"PK nothing", documents.Unreadable),
            ("a.docx", docx("")[:-30], documents.Unreadable),
            ("a.txt", b"a\x00b", documents.Unreadable),
            ("a.txt", b"x" * (MEGABYTE + 1), documents.TooLarge),
            ("a.docx", bomb, documents.TooLarge),
            ("a.exe", b"MZ", documents.UnknownKind),
            ("noname", b"x", documents.UnknownKind),
        ):
            with self.subTest(name=name, fault=fault.code), self.assertRaises(fault):
                self._read(name, data)

    def test_too_much_text(self):
        self.patch(documents, "MAX_CHARACTERS", 10)
        with self.assertRaises(documents.TooLong):
            self._read("a.txt", b"eleven chars")
        self.patch(documents, "MAX_PAGES", 1)
        with self.assertRaises(documents.TooLong):
            self._read("a.pdf", pdf("1", "2"))

    def test_a_document_reaches_for_nothing_outside(self):
        entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        data = docx("<w:p><w:r><w:t>a&e;b</w:t></w:r></w:p>", entity)
        self.assertEqual(self._read("a.docx", data), [(1, "a")])

    def patch(self, module, name, value):
        old = getattr(module, name)
        setattr(module, name, value)
        self.addCleanup(setattr, module, name, old)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestDocuments(RulesCase):
    def setUp(self):
        super().setUp()
        self._settle()

    def _document(self, data=b"First text.", filename="a.txt", **values):
        return self.env["ai.support.document"].create(
            {
                "profile_id": self.profile.id,
                "name": "Care",
                "filename": filename,
                "file": base64.b64encode(data),
                **values,
            }
        )

    def _waiting(self):
        return self._jobs().filtered(lambda job: job.state == "pending")

    def _sync(self, document):
        document.action_synchronize()
        job = self._waiting()
        params = self._send(job)
        job._finish({**COUNTS, "points": {f"document/{document.id}": "point"}})
        return params

    def test_an_upload_alone_changes_nothing(self):
        document = self._document()
        self.assertEqual((document.reading, document.sync_state), ("unread", "not_synced"))
        self.assertFalse(self._waiting())
        self.assertEqual(self._facade().rule_ids()["document"], [])
        self.assertEqual(self._facade().rule_facts([["document", document.id]]), [])

    def test_synchronizing_reads_and_tells(self):
        document = self._document()
        params = self._sync(document)
        self.assertEqual(params["ids"]["document"], document.ids)
        self.assertEqual((document.reading, document.sync_state), ("read", "synced"))
        [fact] = self._facade().rule_facts([["document", document.id]])
        self.assertEqual(fact["chunks"], [{"page": 1, "text": "First text."}])

    def test_another_file_replaces_and_never_doubles(self):
        document = self._document()
        self._sync(document)
        document.file = base64.b64encode(b"Second text.")
        self.assertEqual((document.reading, document.sync_state), ("unread", "to_sync"))
        self.assertFalse(self._waiting(), "an upload alone never indexes")
        [fact] = self._facade().rule_facts([["document", document.id]])
        self.assertEqual(fact["chunks"][0]["text"], "First text.")
        self._rule()
        job = self._waiting()
        self.assertEqual(self._send(job)["ids"]["document"], [], "nor with another's sync")
        job._finish({**COUNTS, "points": {}})
        self._sync(document)
        self._sync(document)
        self.assertEqual(document.chunk_ids.mapped("text"), ["Second text."])

    def test_faults_are_told_in_words_and_keep_what_was_known(self):
        document = self._document()
        self._sync(document)
        for filename, data, words in (
            ("a.pdf", locked(pdf("x"), "password"), "protected by a password"),
            ("a.pdf", pdf(""), "scanned"),
            ("a.pdf", b"%PDF", "damaged"),
        ):
            document.write({"file": base64.b64encode(data), "filename": filename})
            document.action_synchronize()
            self.assertEqual((document.reading, document.sync_state), ("failed", "error"))
            self.assertIn(words, document.reading_error)
            self.assertEqual(document.chunk_ids.mapped("text"), ["First text."])

    def test_the_limit_is_a_parameter(self):
        self.env["ir.config_parameter"].set_param("business_rules.max_document_megabytes", "0.5")
        document = self._document(b"x" * 600_000)
        document._read_file()
        self.assertIn("larger than 0.5 MB", document.reading_error)

    def test_large_files_are_read_by_the_cron(self):
        self.patch(ai_support_document, "AT_ONCE", 5)
        document = self._document()
        document.action_synchronize()
        self.assertEqual((document.reading, len(document.chunk_ids)), ("waiting", 0))
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: float("inf"))
        self.env["ai.support.document"]._cron_read_documents()
        self.assertEqual((document.reading, len(document.chunk_ids)), ("read", 1))
        self.assertTrue(self._waiting())

    def test_other_kinds_of_files_are_refused_when_saved(self):
        with self.assertRaisesRegex(UserError, "Only PDF, DOCX, TXT and CSV"):
            self._document(filename="a.exe")

    def test_deleting_really_removes(self):
        document = self._document()
        self._sync(document)
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", document._name),
                ("res_id", "=", document.id),
                ("res_field", "=", "file"),
            ]
        )
        self.assertTrue(attachment)
        chunks, number = document.chunk_ids, document.id
        document.unlink()
        self.assertFalse(chunks.exists() or attachment.exists())
        self.assertEqual(self._send(self._waiting()), {"ids": {"document": [number]}})

    def test_without_a_file_there_is_nothing_to_read(self):
        document = self.env["ai.support.document"].create(
            {"profile_id": self.profile.id, "name": "Empty"}
        )
        with self.assertRaisesRegex(UserError, "no file yet"):
            document.action_synchronize()
