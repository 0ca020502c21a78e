"""The marks a model begins its answer with, in place of words that code would have to guess at."""

import re
from typing import Literal

Mark = Literal["", "person", "angry", "unsure", "off_topic", "sales", "customer_service"]

_NAMES: dict[str, Mark] = {
    "HUMANO": "person",
    "HUMAN": "person",
    "IRRITADO": "angry",
    "ANGRY": "angry",
    "ENOJADO": "angry",
    "NAO_SEI": "unsure",
    "UNSURE": "unsure",
    "NO_SE": "unsure",
    "FORA": "off_topic",
    "OFF_TOPIC": "off_topic",
    "FUERA": "off_topic",
    "VENDAS": "sales",
    "SALES": "sales",
    "VENTAS": "sales",
    "SUPORTE": "customer_service",
    "SUPPORT": "customer_service",
    "SOPORTE": "customer_service",
}
_MARK = re.compile(rf"\[({'|'.join(_NAMES)})\]")
_WISHES = {
    "pt": {
        "sales": ", [VENDAS] se for melhor a equipe de vendas responder",
        "customer_service": ", [SUPORTE] se for melhor o atendimento responder",
    },
    "en": {
        "sales": ", [SALES] if the sales team should answer instead",
        "customer_service": ", [SUPPORT] if customer service should answer instead",
    },
    "es": {
        "sales": ", [VENTAS] si debe responder el equipo de ventas",
        "customer_service": ", [SOPORTE] si debe responder la atención al cliente",
    },
}


def split_mark(text: str) -> tuple[Mark, str]:
    """(the mark it begins with, the text without any mark)."""
    text = text.strip()
    first = _MARK.match(text)
    return _NAMES[first[1]] if first else "", _MARK.sub("", text).strip()


def wishes(language: str, crews: list[str]) -> str:
    """The end of the prompt's sentence on marks, for the crews that could answer instead."""
    words = _WISHES.get(language, _WISHES["en"])
    return "".join(words[crew] for crew in crews if crew in words)
