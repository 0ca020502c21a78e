"""What no model has to see: it gets marks, others what the marks stand for.

E-mail addresses, phone numbers, CPF, CNPJ and card numbers of what a customer wrote, and of what
tools tell of a person, become `[email-1]`, `[phone-1]`, `[document-1]`, `[card-1]`. A link whose
token opens somebody's order becomes `[link-1]`.
"""

import re
import threading
from typing import Any

_KINDS = (
    ("link", re.compile(r"https?://[^\s<>\"')\]]*[?&]access_token=[^\s<>\"')\]]+")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("card", re.compile(r"(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)")),
    (
        "document",
        re.compile(r"(?<!\d)(?:\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2})(?!\d)"),
    ),
    (
        "phone",
        re.compile(
            r"(?<![\w/.,-])\+\d[\d ()-]{8,16}\d"
            r"|(?<![\w/.,-])\(?\d{2}\)?\s?9?\d{4}[- ]?\d{4}(?![\w/-])"
        ),
    ),
)
_MARK = re.compile(r"\[(?:link|email|card|document|phone)-\d+\]")


class Masks:
    """The marks of one turn. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: dict[str, str] = {}

    def hide(self, value: Any) -> Any:
        """The text, or every text of a JSON-like value, with marks."""
        if isinstance(value, str):
            for kind, pattern in _KINDS:
                value = pattern.sub(lambda match, kind=kind: self._mark(kind, match.group()), value)
            return value
        if isinstance(value, dict):
            return {key: self.hide(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.hide(entry) for entry in value]
        return value

    def show(self, value: Any) -> Any:
        """What the marks stand for, in their places; a mark that is none of ours is left out."""
        if isinstance(value, str):
            known = {mark: told for told, mark in self._marks.items()}
            return _MARK.sub(lambda match: known.get(match.group(), ""), value)
        if isinstance(value, dict):
            return {key: self.show(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.show(entry) for entry in value]
        return value

    def _mark(self, kind: str, told: str) -> str:
        with self._lock:
            if told not in self._marks:
                count = sum(mark.startswith(f"[{kind}-") for mark in self._marks.values())
                self._marks[told] = f"[{kind}-{count + 1}]"
            return self._marks[told]
