"""What a customer's words ask for, where code has to know before a model, or without one.

Pure; Portuguese, English and Spanish. A word too few costs a poorer answer, never a wrong one.
"""

import re
from typing import Literal

from sidecar.claims.text import fold

_BACK = re.compile(
    r"\b(?:del[ea]s?|dess[ea]s?|dest[ea]s?|ess[ea]s?|este|est[ea]s|el[ea]s|nel[ea]s?|ness[ea]s?"
    r"|aquel[ea]s?|[oa] (?:primeir|segund|terceir|ultim|outr)[oa]|ambos|os dois|as duas"
    r"|them|they|those|these|it|(?:this|that|first|second|third|last|other) one|both"
    r"|ell[oa]s|es[oa]s?|estos|aquell[oa]s?|(?:el|la) (?:primer|segund|tercer|otr)[oa])\b"
)
_GOES_ON = re.compile(r"^\W*(?:e|mas|ou|and|or|but|what about|how about|y|pero)\b")
_STOCK = re.compile(
    r"\b(?:estoque|disponive(?:l|is)|pronta entrega|in stock|available|en stock|disponibles?)\b"
)
_CHEAPEST = re.compile(
    r"\b(?:mais (?:barat[oa]s?|em conta|economic[oa]s?)|menor (?:preco|valor)|baratinh[oa]s?"
    r"|cheap(?:est|er)|least expensive|lowest price|mas (?:barat[oa]s?|economic[oa]s?)"
    r"|menor precio)\b(?! (?:do )?que\b| than\b)"
)
_DEAREST = re.compile(
    r"\b(?:mais car[oa]s?|maior preco|most expensive|priciest|mas car[oa]s?|mayor precio)\b"
    r"(?! (?:do )?que\b| than\b)"
)
_FEATURE = re.compile(
    r"\b(?:medidas?|tamanhos?|dimens\w+|largura|altura|profundidade|cor|cores|materia(?:l|is)"
    r"|feit[oa]s?|tecidos?|pesa|peso|composicao|ingredientes?|detalhes|caracteristicas"
    r"|size|sizes|dimensions?|measure\w*|width|height|depth|colou?rs?|shades?|material|fabric"
    r"|made of|weigh\w*|ingredients?|vegan\w*|details|what s in"
    r"|tamanos?|ancho|alto|colores|color|hech[oa]s?|tela|detalles)\b"
)
# what is refused, up to what is wanted instead
_REFUSED = re.compile(
    r"\b(?:(?:eu|i|yo)\s+)?(?:n[aã]o|no|don'?t|do not)\s+(?:quero|queria|gosto\s+de"
    r"|preciso\s+de|procuro|want|need|like|quiero|busco|necesito|me\s+gustan?)\b[^,.;!?\n]*?"
    r"(?:[,.;!?\n]+\s*|\s+)(?=(?:(?:mas|e\s+sim|but|pero|sino|eu|yo|i)\s+)*"
    r"(?:quero|prefiro|queria|procuro|preciso|want|need|prefer|quiero|prefiero|busco|necesito)\b)",
    re.IGNORECASE,
)
_OWN_ORDER = re.compile(
    r"\b(?:meus? pedidos?|minhas? (?:encomendas?|entregas?)|my (?:orders?|package|parcel|delivery)"
    r"|mis? (?:pedidos?|paquetes?|entregas?)|s\d{4,})\b"
    r"|\b(?:cade|onde (?:esta|ta|anda)|status|rastre\w*|track\w*|where (?:is|s)|seguimiento"
    r"|(?:donde|en que) esta)\b.{0,20}\b(?:pedido|encomenda|compra|entrega|pacote|order|package"
    r"|parcel|paquete|envio)\b"
    r"|\b(?:pedido|encomenda|order|package|paquete)\b.{0,20}\b(?:nao chegou|atrasad[oa]"
    r"|not arrived|late|no (?:llego|ha llegado))\b"
)
_DAMAGED = re.compile(
    r"\b(?:chegou|chegaram|veio|vieram|recebi|entregaram|arrived|came|received|delivered|llego"
    r"|llegaron|vino|recibi)\b.{0,40}\b(?:quebrad[oa]s?|danificad[oa]s?|errad[oa]s?|com defeito"
    r"|rasgad[oa]s?|riscad[oa]s?|amassad[oa]s?|manchad[oa]s?|faltando|trocad[oa]s?|broken|damaged"
    r"|wrong|defective|torn|missing|leaking|rot[oa]s?|danad[oa]s?|equivocad[oa]s?|defectuos[oa]s?)\b"
)
_THANKS = re.compile(
    r"^\W*(?:muit[oa] |mil )?(?:obrigad[oa]|obg|valeu|vlw|agradec\w+|thanks?(?: you)?|thx"
    r"|(?:muchas |mil )?gracias)\b\W*(?:(?:mesmo|demais|viu|pel[oa]|sua|ajuda|atencao|tudo|so|very"
    r"|much|a|lot|for|your|the|help|you|por|la|tu|su|ayuda|todo)\b[\s.!,]*)*$"
)
_AGREES = re.compile(
    r"^\W*(?:sim|ok(?:ay)?|ta(?: bom)?|certo|entendi|beleza|blz|legal|otimo|perfeito|combinado"
    r"|yes|yep|sure|great|got it|alright|si|vale|listo|entiendo|perfecto|claro)\W*$"
)


def goes_back(text: str) -> bool:
    """Whether the words are about what was spoken of before: "e em azul?", "which of them?"."""
    folded = fold(text)
    few = len(folded.split())
    return bool(
        _BACK.search(folded)
        or _GOES_ON.search(folded)
        or (few <= 5 and (_STOCK.search(folded) or _FEATURE.search(folded)))
        or (few <= 6 and price_end(text))
    )


def price_end(text: str) -> Literal["cheapest", "dearest", ""]:
    """Which end of the prices is asked for; a limit ("mais barato que 500") is none."""
    folded = fold(text)
    if _CHEAPEST.search(folded):
        return "cheapest"
    return "dearest" if _DEAREST.search(folded) else ""


def asks_feature(text: str) -> bool:
    """Whether the words ask what a product is like: its size, colors, material."""
    return bool(_FEATURE.search(fold(text)))


def without_refused(text: str) -> str:
    """`text` without what the customer does not want, where they say what they want instead."""
    return _REFUSED.sub("", text).strip() or text


def asks_own_order(text: str) -> bool:
    """Whether the words are about an order that the customer has made."""
    return bool(_OWN_ORDER.search(fold(text)))


def reports_damage(text: str) -> bool:
    """Whether something arrived broken or wrong."""
    return bool(_DAMAGED.search(fold(text)))


def thanks(text: str) -> bool:
    """Whether the words say thank you and nothing else."""
    return bool(_THANKS.search(fold(text)))


def only_reacts(text: str) -> bool:
    """Whether nothing is asked: only signs (👍), or a yes to nothing."""
    return not re.search(r"\w", text) or bool(_AGREES.search(fold(text)))
