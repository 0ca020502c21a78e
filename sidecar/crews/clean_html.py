"""HTML of a description, written anew from an allow-list: whatever came in, it is well formed."""

import html
import re
from collections.abc import Collection
from html.parser import HTMLParser
from typing import Any

_ALLOWED = frozenset({"p", "ul", "ol", "li", "strong", "em", "h3", "h4", "br"})
_SAME_AS = {"b": "strong", "i": "em", "h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4", "div": "p"}
_SILENT = frozenset({"script", "style", "iframe", "object", "template", "svg", "math"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr"})
_LISTS = frozenset({"ul", "ol"})
_LONGEST = 20_000  # characters
_BLOCK = re.compile(r"\s*(</?(?:p|ul|ol|li|h3|h4)>)\s*")
EMPTY = re.compile(r"<(p|ul|ol|li|strong|em|h3|h4)>\s*</\1>")


def clean_html(markup: str) -> str:
    """The allowed tags of some HTML, without attributes; text outside of blocks in `<p>`."""
    writer = _Writer()
    writer.feed(markup[:_LONGEST])
    writer.close()
    text = writer.finished()
    while (shorter := _tidy(EMPTY.sub("", text))) != text:  # what goes leaves its space behind
        text = shorter
    return text


def balanced(markup: str) -> bool:
    """Whether every tag that opens closes, in order."""
    reader = _Balance()
    reader.feed(markup)
    reader.close()
    return not reader.broken and not reader.open


def _tidy(text: str) -> str:
    """The text without idle spaces around blocks."""
    return _BLOCK.sub(r"\1", text).strip()


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.broken = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and (not self.open or self.open.pop() != tag):
            self.broken = True


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        tag = _SAME_AS.get(tag, tag)
        self.silent += tag in _SILENT
        if self.silent or tag not in _ALLOWED:
            return
        if tag == "br":
            if self.open and self.open[-1] not in _LISTS:
                self.out.append("<br/>")
        elif tag in ("h3", "h4"):
            self._close_down_to(())
            self._start(tag)
        elif tag in _LISTS or tag == "p":
            self._close_down_to({"li"})
            if tag != "p" or not self.open:  # a paragraph inside of an item adds nothing
                self._start(tag)
        elif tag == "li":
            self._close_down_to(_LISTS)
            if not self.open:
                self._start("ul")
            self._start("li")
        else:
            self._open_block()
            self._start(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        if tag == "br":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        tag = _SAME_AS.get(tag, tag)
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        if not self.silent and tag in self.open:
            while self._end() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if data.strip():
            self._open_block()
            self.out.append(html.escape(data, quote=False))
        elif self.open:
            self.out.append(" ")

    def finished(self) -> str:
        """What was written, everything closed, without idle spaces."""
        self._close_down_to(())
        return _tidy(re.sub(r"\s+", " ", "".join(self.out)))

    def _open_block(self) -> None:
        if not self.open:
            self._start("p")
        elif self.open[-1] in _LISTS:
            self._start("li")

    def _start(self, tag: str) -> None:
        self.open.append(tag)
        self.out.append(f"<{tag}>")

    def _end(self) -> str:
        tag = self.open.pop()
        self.out.append(f"</{tag}>")
        return tag

    def _close_down_to(self, stops: Collection[str]) -> None:
        while self.open and self.open[-1] not in stops:
            self._end()
