"""Text for a chat: Chatwoot's Markdown, short lines, no HTML, cut where the channel cuts.

Chatwoot stores Markdown and translates it for each channel (`**bold**` becomes `*bold*` on
WhatsApp), so what we post is the small part of Markdown that survives everywhere: bold, italic,
code, lists and bare links.
"""

import re
import unicodedata
from html.parser import HTMLParser

# Longest message of a channel, in UTF-16 units (what the channels count).
CHANNEL_LIMITS = {
    "Channel::Whatsapp": 4096,
    "Channel::Telegram": 4096,
    "Channel::FacebookPage": 2000,
    "Channel::Instagram": 1000,
    "Channel::TwilioSms": 1600,
    "Channel::Sms": 1600,
    "Channel::Line": 5000,
}
DEFAULT_LIMIT = 4096

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "table",
        "tr",
        "ul",
        "ol",
        "blockquote",
        "pre",
    ]
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_SILENT = frozenset(["script", "style", "head", "title", "noscript", "template"])
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
# Only names of real elements: "preço < 100 e > 50" and "<3" are the customer's language.
_TAG = re.compile(
    r"</?(?:a|b|i|u|s|em|strong|span|font|small|sub|sup|br|hr|img|code|li|td|th|tbody|thead|"
    + "|".join(sorted(_BLOCKS | _HEADINGS | _SILENT))
    + r")\b[^<>]*>",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\(([^()\s]+)(?:\s+\"[^\"\n]*\")?\)")
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^()\s]+)(?:\s+\"[^\"\n]*\")?\)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_BULLET = re.compile(r"^(\s*)[*+•]\s+")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)]*\s+")


def limit_of(channel: str) -> int:
    """Longest message of a channel (`Channel::Whatsapp`), in UTF-16 units."""
    return CHANNEL_LIMITS.get(channel, DEFAULT_LIMIT)


def plain_text(html: str) -> str:
    """The text of an HTML fragment: no tags or scripts; blocks and `<br>` as line breaks."""
    return _tidy(_strip(html, keep_marks=False))


def for_chat(text: str) -> str:
    """Shape a model's answer (Markdown, perhaps with HTML or tables) for a chat bubble.

    Headings become bold lines, tables become lines, links become `text: address`, HTML goes away.
    """
    if _TAG.search(text):
        text = _strip(text, keep_marks=True)
    lines, fenced = [], False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        lines.append(line if fenced else _shape_line(line))
    return _tidy("\n".join(line for line in lines if line is not None))


def split_text(text: str, limit: int = DEFAULT_LIMIT) -> list[str]:
    """Cut `text` into messages of at most `limit` UTF-16 units, in order, nothing lost but spaces.

    Cuts between paragraphs where it can, else lines, sentences, words, and characters last; never
    inside an emoji or between a letter and its accent. An empty text gives an empty list.
    """
    if limit < 32:
        raise ValueError("limit must be at least 32")
    parts = []
    rest = text.strip()
    while _units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        parts.append(rest)
    return parts


def _shape_line(line: str) -> str | None:
    if "|" in line and _TABLE_RULE.match(line):
        return None
    if line.strip().startswith("|") and line.strip().endswith("|") and line.count("|") > 2:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        line = "- " + " · ".join(cell for cell in cells if cell)
    heading = _HEADING.match(line)
    if heading:
        line = f"**{heading.group(1).replace('**', '').strip()}**"
    line = _BULLET.sub(r"\1- ", line)
    line = _IMAGE.sub(_bare_link, line)
    return _LINK.sub(_bare_link, line)


def _bare_link(match: re.Match[str]) -> str:
    label, address = match.group(1).strip(), match.group(2)
    return address if not label or label in address else f"{label}: {address}"


def _tidy(text: str) -> str:
    lines = [line.rstrip(" \t\\") for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _strip(html: str, keep_marks: bool) -> str:
    parser = _Stripper(keep_marks)
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)


class _Stripper(HTMLParser):
    """Collects the text. With `keep_marks`, bold, italic and code stay as Markdown."""

    def __init__(self, keep_marks: bool):
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._keep_marks, self._silent = keep_marks, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag in _HEADINGS:
            self.pieces.append("\n\n**" if self._keep_marks else "\n\n")
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif self._keep_marks and tag in _MARKS:
            self.pieces.append(_MARKS[tag])
        elif not _TAG.match(f"<{tag}>"):
            self.handle_data(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _HEADINGS:
            self.pieces.append("**\n" if self._keep_marks else "\n")
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif self._keep_marks and tag in _MARKS:
            self.pieces.append(_MARKS[tag])

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)


def _units(text: str) -> int:
    return len(text) + sum(1 for char in text if char > "\uffff")


def _cut(text: str, limit: int) -> int:
    """Index (in code points) of the best cut within `limit` UTF-16 units."""
    used, most = 0, len(text)
    for index, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > limit:
            most = index
            break
    window = text[: most + 1]
    # A cut in the first third would leave a scrap; the next kind of border is better then.
    least = most // 3
    for border in ("\n\n", "\n"):
        found = window.rfind(border, least, most + 1)
        if found > 0:
            return found
    ends = [match.end() for match in _SENTENCE_END.finditer(window) if least < match.end() <= most]
    if ends:
        return ends[-1]
    space = max(window.rfind(blank, least, most + 1) for blank in " \t\u00a0")
    if space > 0:
        return space
    cut = most
    while cut > 1 and _joined(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > 1 else most


def _joined(left: str, right: str) -> bool:
    """Whether a cut between the two would tear one visible character."""
    skin_or_tag = "\U0001f3fb" <= right <= "\U0001f3ff" or "\U000e0020" <= right <= "\U000e007f"
    flags = "\U0001f1e6" <= left <= "\U0001f1ff" and "\U0001f1e6" <= right <= "\U0001f1ff"
    joiner = "\u200d" in (left, right)
    return bool(unicodedata.combining(right)) or right == "\ufe0f" or joiner or skin_or_tag or flags
