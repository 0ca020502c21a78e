"""Facts that speak to a model instead of telling about a product ("ignore your instructions…").

A product's name, a supplier's data sheet: anybody may have written them. Such a sentence is no
fact: the writer is not told it, and it supports no claim.
"""

import re
from typing import Any

from sidecar.claims.text import fold

_ORDER = re.compile(
    r"\b(?:"
    r"(?:ignor\w+|desconsider\w+|desobedec\w+|esquec\w+|olvid\w+|disregard\w*|forget|override|bypass)"
    r"\W+(?:\w+\W+){0,5}(?:instruc\w+|instruct\w*|regras?|reglas?|rules?|prompts?|ordens|ordenes"
    r"|orders?|anterior\w*|previous|acima|arriba|above|system|sistema)"
    r"|(?:system|sistema)\W{1,3}(?:prompt|message|mensagem|mensaje)"
    r"|prompt (?:do|de|del|of)\b|new instructions|novas instrucoes|nuevas instrucciones"
    r"|(?:you are now|voce agora e|agora voce e|ahora eres|act as|aja como|actua como)\b"
    r"|(?:you must|voce deve|debes)\W+(?:write|say|answer|escrever|dizer|responder|escribir|decir)"
    r"|(?:escreva|escribe|write|diga|di|say|answer|responda|responde)\W+(?:\w+\W+){0,4}"
    r"(?:em vez|en vez|instead|somente|solamente|only|apenas|exatamente|exactly|exactamente)"
    r"|as an ai\b|como (?:uma |una )?ia\b"
    r")|</?(?:system|assistant|user|instructions?)>|\[/?inst\]|<\|im_(?:start|end)\|>"
)
_NOTHING: dict[str, Any] = {"missing": [], "voice": {}, "glossary": [], "siblings": []}
_PIECE = re.compile(r"(?<=[.!?;\n])\s*|\s+(?=[-–—|#]{1,3}\s)")


def without_orders(brief: dict[str, Any]) -> dict[str, Any]:
    """The brief, less what gives orders. From such a sentence on, a fact's value is left out."""
    facts = []
    for fact in brief["facts"]:
        value = told_only(str(fact.get("value") or ""))
        if value:
            facts.append({**fact, "label": told_only(str(fact.get("label") or "")), "value": value})
    return {**_NOTHING, **brief, "facts": facts}


def told_only(text: str) -> str:
    """A text up to the sentence that gives orders."""
    found = _ORDER.search(fold(text))
    if found is None:
        return text
    starts = [m.end() for m in _PIECE.finditer(text, 0, found.start())]
    return text[: starts[-1] if starts else 0].strip(" \n-–—|#")
