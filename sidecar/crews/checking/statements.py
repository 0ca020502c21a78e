"""What an answer promises, claims to have done, or says of an order, a price or the stock."""

import re
from collections.abc import Iterator

from sidecar.claims.text import fold, sentences
from sidecar.crews.checking.amounts import ORDER, negated
from sidecar.crews.checking.known import Known

_MAKING = (
    "calendar_book", "calendar_move", "quotation_create", "order_reorder", "quotation_add_line",
)  # fmt: skip
# what we say we did, and the tools of which one must have done it
_DID = (
    (
        r"(?:ja |eu )?(?:confirmei|agendei|marquei|reservei|remarquei|desmarquei|agendamos|marcamos"
        r"|reservamos|confirmamos)"
        r"|(?:esta|foi|ficou|fica) (?:agendad|marcad|reservad|remarcad|confirmad)[oa]s?"
        r"|(?:i(?:'ve| have)?|we(?:'ve| have)?)(?: already| just)? (?:booked|scheduled"
        r"|reserved|confirmed)"
        r"|(?:is|are|has been|have been) (?:now )?(?:booked|scheduled|reserved)"
        r"|(?:he|hemos|ya) (?:agendado|reservado|confirmado)|(?:agende|reserve"
        r"|confirme) (?:tu|su|el|la)"
        r"|(?:queda|esta|quedo) (?:agendad|reservad|confirmad)[oa]",
        _MAKING,
    ),
    (
        r"(?:cancelei|cancelamos|estornei|estornamos|reembolsei|reembolsamos|devolvi o)"
        r"|(?:foi|esta) (?:cancelad|estornad|reembolsad)[oa]"
        r"|(?:i(?:'ve| have)?|we(?:'ve| have)?)(?: already| just)? (?:cancel+ed|refunded)"
        r"|has been (?:cancel+ed|refunded)"
        r"|(?:he|hemos) (?:cancelado|reembolsado|devuelto)|(?:cancele|reembolse) (?:tu|su|el|la)",
        ("calendar_cancel",),
    ),
    (
        r"(?:apaguei|deletei|exclui|removi|i(?:'ve| have)? (?:deleted|removed)|he (?:borrado"
        r"|eliminado))",
        (),
    ),
    (
        r"acabei de \w+r\b|ya (?:envie|cree|hice|agende|cancele|reserve|aplique|confirme|mande)",
        _MAKING,
    ),
    (
        r"(?:criei|fiz|gerei|registrei|abri|adicionei|inclui|enviei|mandei|encomendei|atualizei"
        r"|alterei|mudei|apliquei|liberei|concedi|autorizei) (?:o|a|um|uma|seu|sua|para|pra"
        r"|esse|este"
        r"|no|na|ja|voce|aqui)\b"
        r"|(?:i(?:'ve| have)?|we(?:'ve| have)?)(?: already| just)? (?:created|placed"
        r"|registered|applied"
        r"|added|sent|updated|changed|granted|authorized|authorised|ordered)"
        r"|(?:he|hemos) (?:creado|registrado|aplicado|enviado|anadido|actualizado|cambiado"
        r"|autorizado)",
        _MAKING,
    ),
)  # fmt: skip
_VISIT = re.compile(
    r"\b(?:agendamentos?|visitas?|horarios?|montagem|consultas?|citas?|reservas?|appointments?"
    r"|bookings?|visits?)\b"
)
_PROMISES = re.compile(
    r"\b(?:garanto|garantimos|garantido|prometo|prometemos|asseguro|asseguramos|juro|com certeza"
    r" (?:chega|entregamos|vai chegar)|sem falta|dou (?:um|o) desconto|te dou|vou te dar|faco por"
    r"|vamos te dar|consigo um desconto"
    r"|i guarantee|we guarantee|guaranteed|i promise|we promise|i assure|i(?:'ll| will"
    r"| can) give you"
    r"|we(?:'ll| will) give you"
    r"|garantizo|garantizamos|garantizad[oa]|prometemos|aseguro|aseguramos|te doy|le doy|te dare)\b"
)
_CONCEPTS = (
    re.compile(
        r"\b(?:gratis|gratuit[oa]s?|de graca|free(?! to\b| time| slot| hour)|sin costo"
        r"|sem custo|por conta da casa|sin cargo|no charge|complimentary)\b"
    ),
    re.compile(r"\b(?:brindes?|cortesia|presentes?|gifts?|regalos?)\b"),
    re.compile(r"\b(?:sem juros|interest.free|without interest|no interest|sin interes(?:es)?)\b"),
    re.compile(
        r"\b(?:descontos?|promoc(?:ao|oes)|ofertas?|liquidac(?:ao|oes)|discounts?|promotions?"
        r"|sales? price|on sale"
        r"|off\b(?= |$)|descuentos?|promocion(?:es)?|rebajas?|cashback)\b"
    ),
    re.compile(r"\b(?:vitalici[oa]|lifetime|de por vida|para sempre|ilimitad[oa]s?|unlimited)\b"),
)
_CONDITION = re.compile(
    r"\b(?:a partir|acima|se|com|em|no|na|nos|nas|ate|from|over|above|if|with|on|in|up to|desde|si"
    r"|con|en|hasta)\b"
)
_OFFERS_TO_ASK = re.compile(
    r"\b(?:verificar|consultar|confirmar com|check with|ask (?:the|a|our)|preguntar"
    r"|quer saber|gostaria"
    r"|would you like|quiere|caso queira|algum|any|alguma)\b"
)
_STATES = (
    (
        "delivered",
        r"(?:ja )?(?:foi|esta|fue|ha sido|was|has been|is|been) (?:already )?(?:entregue"
        r"|entregad[oa]|delivered)"
        r"|chegou ao destino",
    ),
    (
        "shipped",
        r"(?:a caminho|saiu para (?:a )?entrega|en camino|on (?:its|the) way|out for delivery)"
        r"|(?:foi|esta|fue|ha sido|was|has been|is) (?:already )?(?:enviad[oa]|despachad[oa]"
        r"|postad[oa]|shipped|dispatched)",
    ),
    (
        "cancelled",
        r"(?:foi|esta|fue|ha sido|was|has been|is) (?:cancelad[oa]|anulad[oa]|cancel+ed)",
    ),
    (
        "paid",
        r"(?:foi|esta|fue|ha sido|was|has been|is) (?:already )?(?:pag[oa]|pagad[oa]"
        r"|quitad[oa]|paid)"
        r"|pagamento (?:foi |esta )?(?:confirmado|aprovado)|payment (?:was|is"
        r"|has been) (?:confirmed|approved|received)",
    ),
    (
        "confirmed",
        r"(?:pedido|order|compra) (?:\S+ )?(?:foi|esta|is|was|has been|ha sido"
        r"|fue) (?:confirmad[oa]|confirmed|aprovad[oa]|approved)",
    ),
    (
        "refunded",
        r"(?:reembolso|estorno|refund|devolucion del dinero)\b.{0,24}\b(?:aprovado|processado|feito"
        r"|realizado|approved|processed|issued|completed|aprobado|procesado|hecho)",
    ),
    (
        "ready",
        r"(?:esta|is|are) (?:pront[oa]|list[oa]|ready)(?: (?:para|for|to))?",
    ),
)
_SHOWN_BY = {
    "delivered": {"done", "delivered"},
    "shipped": {"done", "shipped"},
    "cancelled": {"cancelled", "cancel"},
    "paid": {"paid", "in_payment"},
    "confirmed": {"order", "done", "sale"},
    "ready": {"ready"},
    "refunded": {"reversed"},
}
_IN_STOCK = re.compile(
    r"\b(?:em estoque|disponive(?:l|is)|pronta entrega|in stock|available|disponibles?"
    r"|en stock|hay existencias)\b"
)
_SOLD_OUT = re.compile(
    r"\b(?:esgotad[oa]s?|indisponive(?:l|is)|sold out|out of stock|unavailable|agotad[oa]s?)\b"
)


def problems(text: str, known: Known) -> Iterator[str]:
    """Statements of `text` that nothing bears out, as they are written."""
    for part in sentences(text):
        folded = fold(part).replace("’", "'")
        yield from _deeds(part, folded, known)
        yield from _states(part, folded, known)
        yield from _stock(part, folded, known)
        denied = negated(folded, known.language)
        for match in _PROMISES.finditer(folded):
            if match.group() not in known.blob and not denied:
                yield part[match.start() : match.end()]
        for concept in _CONCEPTS:
            match = concept.search(folded)
            if match is None or _is_told(concept, folded, known):
                continue
            asks = part.rstrip().endswith("?") or _OFFERS_TO_ASK.search(folded)
            if not denied and not asks:
                yield part[match.start() : match.end()]


def _is_told(concept: re.Pattern[str], folded: str, known: Known) -> bool:
    """Whether what was read says so, and under no condition that the answer leaves out."""
    told = [text for text in known.blob_sentences if concept.search(text)]
    conditional = told and all(_CONDITION.search(text) for text in told)
    return bool(told) and (not conditional or bool(_CONDITION.search(folded)))


def _deeds(part: str, folded: str, known: Known) -> Iterator[str]:
    if negated(folded, known.language) or part.rstrip().endswith("?"):
        return
    for pattern, tools in _DID:
        match = re.search(rf"\b(?:{pattern})", folded)
        if match is None or known.done & set(tools):
            continue
        if _passive(match.group()) and any(_bears(one, folded) for one in known.orders):
            continue  # the record itself says so
        if match.group() not in known.blob:
            yield part[match.start() : match.end()]


def _passive(words: str) -> bool:
    return bool(re.match(r"(?:esta|foi|ficou|fica|is|are|has|have|queda|quedo)\b", words))


def _bears(record: dict[str, object], words: str) -> bool:
    """Whether a record that was read is in the state that a folded sentence speaks of."""
    state = record.get("state")
    if re.search(r"cancel|anul", words):
        return state in _SHOWN_BY["cancelled"]
    if re.search(r"estorn|reembols|refund", words):
        return record.get("payment") == "reversed"
    if _VISIT.search(words):
        return state == "booked"
    return state in _SHOWN_BY["confirmed"]


def _states(part: str, folded: str, known: Known) -> Iterator[str]:
    if not ORDER.search(folded) or negated(folded, known.language) or part.rstrip().endswith("?"):
        return
    for name, pattern in _STATES:
        match = re.search(rf"\b(?:{pattern})\b", folded)
        if match is None or re.search(
            r"\b(?:quando|assim que|when|once|cuando|se|if|si)\b", folded
        ):
            continue
        if name == "cancelled" and known.done & {"calendar_cancel"}:
            continue
        shown = {one.get("state") for one in known.orders} | {
            one.get("payment") for one in known.orders
        }
        if not shown & _SHOWN_BY[name] and match.group() not in known.blob:
            yield part[match.start() : match.end()]


def _stock(part: str, folded: str, known: Known) -> Iterator[str]:
    about = known.named(folded)
    if len(about) != 1 or part.rstrip().endswith("?"):
        return
    states = [_is_there(fact) for fact in _facts_of(about[0], known)]
    states = [state for state in states if state is not None]
    if not states:
        return
    gone = _SOLD_OUT.search(folded)
    there = None if gone else _IN_STOCK.search(folded)
    if there and not negated(folded, known.language) and not any(states):
        yield part[there.start() : there.end()]
    if gone and not negated(folded, known.language) and all(states):
        yield part[gone.start() : gone.end()]


def _facts_of(name: str, known: Known) -> Iterator[dict[str, object]]:
    for _source, _at, fact in known.evidence.facts:
        if isinstance(fact, dict) and fold(str(fact.get("name", ""))) == name:
            yield fact


def _is_there(fact: dict[str, object]) -> bool | None:
    told = fact.get("in_stock")
    return told if isinstance(told, bool) else None
