"""Whether an answer tells what only the model is told: its instructions, names of tools, codes."""

import re

from sidecar.claims.text import fold
from sidecar.tenants.tool_names import NAMES

_RUN = 8  # equal words in a row that are no coincidence
_WORD = re.compile(r"[^\W_]+")
_INSIDE = re.compile(
    r"(?:system prompt|prompt do sistema|minhas instruc(?:oes)|my instructions (?:are|say)"
    r"|mis instrucciones son"
    r"|\bFATOS\s*\(|\bFACTS\s*\(|\bDATOS\s*\(|standard_price|cost_price|api[_ ]key"
    r"|\bsk-[a-z0-9]{8})",
    re.IGNORECASE,
)
_TOOL = re.compile(rf"\b(?:{'|'.join(sorted(name for name in NAMES if '_' in name))})\b")


class Instructions:
    """The instructions of one run, to recognize them in an answer.

    canary: a word that stands in them and nowhere else.
    """

    def __init__(self, text: str, canary: str):
        self._canary = fold(canary)
        words = _WORD.findall(fold(text))
        self._runs = {tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1)}

    def leaks(self, answer: str) -> bool:
        """Whether `answer` repeats them, or speaks of what is inside."""
        folded = fold(answer)
        if self._canary and self._canary in folded:
            return True
        if _INSIDE.search(folded) or _INSIDE.search(answer) or _TOOL.search(folded):
            return True
        words = _WORD.findall(folded)
        return any(tuple(words[n : n + _RUN]) in self._runs for n in range(len(words) - _RUN + 1))
