"""Whether a customer is angry: a small lexicon, judged in code."""

import re

from sidecar.claims.text import fold

_STRONG = re.compile(
    r"\b(?:absurdo|palhacada|pouca vergonha|vergonha|descaso|lixo|pessim[oa]|horrivel|ridicul[oa]"
    r"|golpe|golpistas?|ladroes|enganad[oa]|enganaram|procon|reclame aqui|processar voces|advogado"
    r"|cade meu dinheiro|inaceitavel|revoltad[oa]|indignad[oa]|furios[oa]|de saco cheio|cansei"
    r"|nunca mais compro|porra|merda|caralho|pqp|vtnc"
    r"|ridiculous|unacceptable|terrible service|worst|scam|scammers?|fraud|liars?|furious"
    r"|disgusting"
    r"|outrageous|fed up|sue you|lawyer|never buy(?:ing)? (?:from you )?again|wtf|fucking|bullshit"
    r"|ridicul[oa]s?|inaceptable|verguenza|estafa|estafadores|ladrones|basura|indignante|furios[oa]"
    r"|hart[oa] de|denunciar|abogado|mierda|carajo)\b"
)
_WEAK = re.compile(
    r"\b(?:ninguem (?:responde|resolve)|ate agora nada|demora|atrasad[oa]|quebrad[oa]|de novo"
    r"|terceira vez|ja faz|nobody (?:answers|helps)|still waiting|again|broken|late"
    r"|nadie (?:responde|resuelve)|otra vez|retrasad[oa]|rot[oa])\b"
)
_SHOUTING_LETTERS = 15


def is_angry(text: str) -> bool:
    """Whether the words are an angry customer's: a strong word, or shouted complaints."""
    folded = fold(text)
    if _STRONG.search(folded):
        return True
    letters = [c for c in text if c.isalpha()]
    shouts = len(letters) >= _SHOUTING_LETTERS and sum(map(str.isupper, letters)) > 0.8 * len(
        letters
    )
    return bool(_WEAK.search(folded)) and (shouts or "!!" in text)
