"""The text of a small piece of HTML, block by block. Plain Python without Odoo."""

from functools import lru_cache
from html.parser import HTMLParser

BLOCKS = frozenset(
    {"address", "article", "blockquote", "dd", "div", "dl", "dt", "figure", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)  # fmt: skip
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
    "track", "wbr"}
)  # fmt: skip
SILENT = frozenset({"script", "style", "template"})
# What a product text is made of: everything else is broken or has no place there.
CLEAN = frozenset(
    {"a", "b", "blockquote", "br", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li",
    "ol", "p", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th",
    "thead", "tr", "u", "ul"}
)  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.line = [], ""
        self.open, self.unclean, self.unbalanced = [], [], []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        if tag not in CLEAN and tag not in self.unclean:
            self.unclean.append(tag)
        if tag in SILENT:
            self.silent += 1
        if tag in BLOCKS or tag == "br":
            self._break()
        if tag == "li":
            self.line = "• "
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in SILENT and self.silent:
            self.silent -= 1
        if tag in BLOCKS:
            self._break()
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.unbalanced.append(tag)
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if not self.silent:
            self.line += data

    def _break(self):
        line = " ".join(self.line.split())
        if line not in ("", "•"):
            self.lines.append(line)
        self.line = ""

    def finish(self):
        self.close()
        self._break()
        self.unbalanced += self.open
        return self


@lru_cache(maxsize=128)  # storing, scoring and approving a text ask for the same one many times
def text_of(html):
    """Return the text of `html`: one line per block, "• " before the items of lists."""
    return "\n".join(_read(html).lines)


def faults_of(html):
    """Return (tags that have no place in a product text, tags opened or closed in vain)."""
    reader = _read(html)
    return reader.unclean, list(dict.fromkeys(reader.unbalanced))


def _read(html):
    reader = _Reader()
    reader.feed(html or "")
    return reader.finish()
