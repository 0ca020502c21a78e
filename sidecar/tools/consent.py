"""Whether a customer's own words agree to what was just shown: judged by code, not by a model.

A message agrees only when every word of it is one of agreement or politeness. "Sim, mas em azul"
does not: what was shown is not what is wanted.
"""

import re
from enum import Enum

from sidecar.tools.folding import folded

_LONGEST = 12  # words; a longer message says more than yes


class Consent(Enum):
    """refused: they said no. unclear: anything else. agreed: a yes to the last question.
    confirmed: they name what they agree to ("pode confirmar").
    """

    REFUSED = "refused"
    UNCLEAR = "unclear"
    AGREED = "agreed"
    CONFIRMED = "confirmed"


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_NO = _words(
    "nao n nem nunca jamais negativo nope naum",  # pt
    "no not dont never wont cannot cant nah stop wait",  # en (and es: no)
    "tampoco jamas espera espere",  # es
)
_YES = _words(
    # pt
    "sim s ss simm claro ok okay oki okey certo certinho correto exato exatamente isso perfeito"
    " fechado fechou beleza blz bora positivo aceito concordo combinado quero pode podem aham uhum"
    " tranquilo show otimo confirmado",
    # en
    "yes y yep yeah yup sure okay correct right agreed absolutely definitely perfect great fine"
    " accept agree confirmed",
    # es
    "si claro vale dale correcto exacto acuerdo perfecto listo adelante acepto confirmado",
)
_CONFIRMING = _words(
    "confirmo confirma confirmar confirme confirmado confirmada confirmadissimo",
    "confirm confirmed confirming",
    "fazer faz faca prosseguir prossiga seguir siga",
    "proceed",
    "hazlo hagalo hacer proceder",
)
# What is named agrees to that alone: "quero mudar" is no yes to a quotation, nor to a cancellation.
_ORDERING = _words("fechar fecha feche criar cria crie", "order create", "crear")
_BOOKING = _words(
    "agendar agenda agende marcar marca marque reservar reserva reserve criar cria crie",
    "book schedule reserve create",
    "agendar reservar crear",
)
_MOVING = _words(
    "remarcar remarca remarque mudar muda mude reagendar reagenda reagende",
    "move reschedule",
    "mover cambiar",
)
_CANCELLING = _words(
    "cancelar cancela cancele desmarcar desmarca desmarque",
    "cancel",
    "anular anula cancelalo",
)
_POLITE = _words(
    # pt
    "por favor pf pfv pfvr obrigado obrigada obg valeu mesmo entao tudo ta esta bem bom boa com"
    " certeza eu ser e o a ai que de acordo sim pra para mim isso assim la ja moca moco"
    " amigo amiga querida querido",
    # en
    "please pls thanks thank you that is thats it the all good sounds lets go ahead do i so very"
    " much of course go ahead",
    # es
    "favor gracias de acuerdo esta bien por supuesto eso es asi lo todo muy",
)
_PHRASES = (
    "tudo bem",
    "ta bom",
    "esta bom",
    "esta bem",
    "com certeza",
    "go ahead",
    "do it",
    "please do",
    "sounds good",
    "all good",
    "of course",
    "esta bien",
    "por supuesto",
    "asi es",
    "eso es",
)
_THUMBS_UP, _THUMBS_DOWN = "👍👌✅🆗✔🙌", "👎❌🚫✋🛑"
_WORD = re.compile(r"[^\W_]+")


_OWN = {
    "quotation_create": _ORDERING,
    "quotation_add_line": _ORDERING,
    "order_reorder": _ORDERING,
    "calendar_book": _BOOKING,
    "calendar_move": _MOVING,
}


def consent(words: str, cancelling: bool = False, tool: str = "") -> Consent:
    """What `words` say to a preview. cancelling: whether what was shown is a cancellation.

    "Pode cancelar" agrees to a cancellation and refuses everything else. tool: whose preview it
    is; the word for what another one does agrees to nothing.
    """
    if any(mark in words for mark in _THUMBS_DOWN):
        return Consent.REFUSED
    said = _WORD.findall(folded(words).replace("'", "").replace("’", ""))
    if any(word in _NO for word in said):
        return Consent.REFUSED
    if not cancelling and any(word in _CANCELLING for word in said):
        return Consent.REFUSED
    if "?" in words or "¿" in words or len(said) > _LONGEST:
        return Consent.UNCLEAR
    own = _CANCELLING if cancelling else _OWN.get(tool, _ORDERING | _BOOKING)
    confirming = _CONFIRMING | own
    if any(word not in _YES | confirming | _POLITE for word in said):
        return Consent.UNCLEAR
    if any(word in confirming for word in said):
        return Consent.CONFIRMED
    thumb = any(mark in words for mark in _THUMBS_UP)
    spoken = " ".join(said)
    if thumb or any(word in _YES for word in said) or any(p in spoken for p in _PHRASES):
        return Consent.AGREED
    return Consent.UNCLEAR
