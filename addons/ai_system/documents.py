"""Text of support documents, page by page. Plain Python without Odoo.

DocumentError             .code says which:
├── TooLarge              more bytes than allowed, or a file that unpacks to far more
├── TooLong               more pages or text than can be kept
├── Encrypted             opens only with a password
├── NoText                nothing but pictures: a scan
├── Unreadable            broken, or not what its name says
└── UnknownKind           neither PDF, DOCX, TXT nor CSV
"""

import csv
import hashlib
import io
import logging
import re
import zipfile
from dataclasses import dataclass

from lxml import etree

try:
    import pypdf as pdf_library
except ImportError:
    # The same library under the name it had before.
    import PyPDF2 as pdf_library

MAX_PAGES = 1000
MAX_CHARACTERS = 2_000_000
MAX_UNPACKED = 60 * 1024 * 1024
CHUNK = 1200  # characters that a chunk has at most
PAGE_OF_TEXT = 3000  # characters: plain text has no pages, so they are counted

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word before 2007, and every encrypted Office file

# Its warnings about sloppy files are nothing that a person could act upon.
logging.getLogger(pdf_library.__name__).setLevel(logging.ERROR)


class DocumentError(Exception):
    """The document's text cannot be had."""

    code = "unreadable"


class TooLarge(DocumentError):
    code = "too_large"


class TooLong(DocumentError):
    code = "too_long"


class Encrypted(DocumentError):
    code = "encrypted"


class NoText(DocumentError):
    code = "no_text"


class Unreadable(DocumentError):
    code = "unreadable"


class UnknownKind(DocumentError):
    code = "unknown_kind"


@dataclass(frozen=True)
class Chunk:
    """A piece of a page's text; digest: SHA-256 of the text, in hex."""

    page: int
    text: str
    digest: str


def kind_of(name: str) -> str:
    """Return pdf, docx, txt or csv from a file's name; raise UnknownKind for others."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix not in READERS:
        raise UnknownKind(suffix)
    return suffix


def read_chunks(name: str, data: bytes, max_bytes: int) -> list[Chunk]:
    """Return the text of the file as chunks with the number of their page, from 1 on.

    Raises one of DocumentError's kinds.
    """
    kind = kind_of(name)
    if len(data) > max_bytes:
        raise TooLarge(len(data))
    pages = [_tidy(page) for page in READERS[kind](data)]
    if not any(pages):
        raise NoText(name)
    if sum(map(len, pages)) > MAX_CHARACTERS:
        raise TooLong(name)
    return [
        Chunk(number, text, hashlib.sha256(text.encode()).hexdigest())
        for number, page in enumerate(pages, 1)
        for text in _split(page)
    ]


def _read_pdf(data):
    try:
        reader = pdf_library.PdfReader(io.BytesIO(data))
        # A file that is only protected against printing opens with the empty password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Encrypted
        if len(reader.pages) > MAX_PAGES:
            raise TooLong(len(reader.pages))
        return [page.extract_text() or "" for page in reader.pages]
    except DocumentError:
        raise
    except (NotImplementedError, pdf_library.errors.DependencyError) as error:
        # Ciphers that the library cannot undo by itself.
        raise Encrypted from error
    except Exception as error:
        raise Unreadable(str(error)) from error


def _read_docx(data):
    if data.startswith(OLE):
        raise Encrypted
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = archive.getinfo("word/document.xml")
            if part.file_size > MAX_UNPACKED:
                raise TooLarge(part.file_size)
            xml = archive.read(part)
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError) as error:
        raise Unreadable(str(error)) from error
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        body = etree.fromstring(xml, parser).find(f"{WORD}body")
    except etree.XMLSyntaxError as error:
        raise Unreadable(str(error)) from error
    if body is None:
        raise Unreadable("no body")
    pages = [""]
    for block in body:
        if block.tag == f"{WORD}p":
            _add_paragraph(pages, block)
        elif block.tag == f"{WORD}tbl":
            _add_table(pages, block)
    return pages


def _add_paragraph(pages, paragraph):
    for node in paragraph.iter():
        if node.tag == f"{WORD}t":
            pages[-1] += node.text or ""
        elif node.tag == f"{WORD}tab":
            pages[-1] += " "
        elif node.tag == f"{WORD}lastRenderedPageBreak" or (
            node.tag == f"{WORD}br" and node.get(f"{WORD}type") == "page"
        ):
            # Word notes where its pages ended; a break that a person made is noted twice.
            if pages[-1].strip():
                pages.append("")
        elif node.tag == f"{WORD}br":
            pages[-1] += "\n"
    pages[-1] += "\n\n"


def _add_table(pages, table):
    for row in table.iter(f"{WORD}tr"):
        cells = [
            " ".join("".join(t.text or "" for t in cell.iter(f"{WORD}t")).split())
            for cell in row.iterfind(f"{WORD}tc")
        ]
        pages[-1] += " | ".join(cells) + "\n"
    pages[-1] += "\n"


def _read_txt(data):
    text = _decoded(data)
    pages, page = [], ""
    for paragraph in re.split(r"(?<=\n)\s*\n", text):
        if page and len(page) + len(paragraph) > PAGE_OF_TEXT:
            pages.append(page)
            page = ""
        page += paragraph + "\n\n"
    return [*pages, page]


def _read_csv(data):
    """Each row becomes "column: value; …": a row by itself means nothing to a reader."""
    text = _decoded(data)
    sample = text[:4096]
    try:
        dialect = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(map(str.strip, row))]
    except csv.Error as error:
        raise Unreadable(str(error)) from error
    if not rows:
        return [""]
    head = [cell.strip() for cell in rows[0]]
    lines = [
        "; ".join(f"{n}: {v.strip()}" if n else v.strip() for n, v in _pairs(head, r) if v.strip())
        for r in rows[1:]
    ] or ["; ".join(head)]
    return _read_txt("\n\n".join(lines).encode())


def _pairs(head, row):
    head = head + [""] * (len(row) - len(head))
    return zip(head, row, strict=False)


def _decoded(data):
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # What Windows programs in the West still write.
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise Unreadable("binary")
    return text


def _tidy(text):
    """One empty line between paragraphs, no others, no runs of spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = re.sub(r"[ \t\u00a0]+", " ", text)
    return re.sub(r" ?\n ?(\s*\n)+", "\n\n", text).strip()


def _split(page):
    """Split a page between paragraphs, else lines, else sentences, else words, else anywhere."""
    pieces, rest = [], page
    while len(rest) > CHUNK:
        head = rest[: CHUNK + 1]
        cut = next(
            (
                place + len(mark)
                for mark in ("\n\n", "\n", ". ", " ")
                if (place := head.rfind(mark)) > CHUNK // 3
            ),
            CHUNK,
        )
        pieces.append(rest[:cut].strip())
        rest = rest[cut:]
    pieces.append(rest.strip())
    return [piece for piece in pieces if piece]


READERS = {"pdf": _read_pdf, "docx": _read_docx, "txt": _read_txt, "csv": _read_csv}
