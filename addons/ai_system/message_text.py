"""A message of a conversation as it is shown in Odoo: the little Markdown that messengers know."""

import re

from markupsafe import Markup

# Bounded lengths: a hostile message costs little time.
_MARKS = re.compile(
    r"\*\*(?P<bold>[^\s*](?:.{0,500}?\S)?)\*\*"
    r"|\[(?P<label>[^\[\]\n]{1,200})\]\((?P<target>https?://[^\s()<>\"']{1,2000})\)"
    r"|(?P<url>https?://[^\s()<>\"'*]{0,2000}[^\s()<>\"'*.,;:!?])",
    re.IGNORECASE,
)
_LINK = Markup('<a href="%s" target="_blank" rel="noopener noreferrer nofollow">%s</a>')


def shown(text):
    """Return `text` as Markup: bold, line breaks and links of http(s); all else is escaped.

    A link with words of its own tells its address too, so that it cannot pass for another one.
    """
    lines = (text or "").strip().splitlines()
    return Markup("<br/>").join(_line(line) for line in lines)


def _line(line):
    parts, end = [], 0
    for mark in _MARKS.finditer(line):
        parts += [line[end : mark.start()], _marked(mark)]
        end = mark.end()
    return Markup("").join([*parts, line[end:]])


def _marked(mark):
    if mark["bold"]:
        return Markup("<strong>%s</strong>") % _line(mark["bold"])
    url = mark["url"] or mark["target"]
    link = _LINK % (url, url)
    return Markup("%s (%s)") % (mark["label"], link) if mark["label"] else link
