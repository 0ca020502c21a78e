"""The language somebody writes in: told by the small words that only one language has."""

import re

from sidecar.claims.text import fold


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


# folded words that are frequent in one of the languages and rare or absent in the two others
_TELLING = {
    "pt": _words(
        """o os as voce voces nao sim ola oi obrigado obrigada bom boa dia tarde noite tem tenho
        quero queria quanto custa preco entrega frete pedido loja aberto abrem horario trocar
        troca devolver meu minha qual quais uma um em na no com do da dos das pra pro ate tudo
        bem gostaria preciso cadeira prazo cartao parcelar desconto amanha hoje onde fica voceis
        vcs eh ta estou comprar ajuda atendente pessoa falar chegou nota fiscal ou mas isso esse
        essa com sai vem dele dela seu sua nao ja ainda quando porque sou temos sao mais muito
        boa obrigado voces fica ficam"""
    ),
    "en": _words(
        """the you your is are do does have has how much what when where which can could would like
        please hello hi thanks thank want need my order price delivery shipping open hours store
        return refund discount buy looking for of and i it this that with there any not talk
        speak person help does when's what's it's i'm good morning evening"""
    ),
    "es": _words(
        """usted ustedes hola gracias quiero quisiera cuanto cuesta precio envio pedido tienda
        abierto abren horario cambiar devolver mi mis cual cuales una un en el la los las con
        del y o pero hasta todo bien necesito silla sillon plazo tarjeta cuotas descuento manana
        hoy donde queda estoy comprar ayuda persona hablar llego tienen tienes hay buenos buenas
        dias tardes noches esta este esto puedo puede"""
    ),
}
_MARKS = {"pt": re.compile(r"[ãõç]|\b(?:é|está|você|até|não)\b"), "es": re.compile(r"[ñ¿¡]")}
_SHARED = {
    word
    for name, words in _TELLING.items()
    for word in words
    if any(word in others for other, others in _TELLING.items() if other != name)
}
_WORD = re.compile(r"[^\W\d_]+(?:'\w+)?")
_SHORT = 6  # words; in so few of them one telling word is enough
_LEAD = 2  # more telling words than the tenant's language has, before another one is believed


def spoken(texts: list[str], default: str) -> str:
    """`pt`, `en` or `es` by the latest of `texts` that tells; `default` (ISO 639-1) otherwise.

    texts: what the customer wrote, oldest first. One word alone ("ok", a name) tells nothing.
    """
    for text in reversed(texts):
        found = _of(text, default)
        if found:
            return found
    return default


def _of(text: str, default: str) -> str:
    words = [fold(word) for word in _WORD.findall(text)]
    if not words:
        return ""
    points = {
        name: sum(word in telling - _SHARED for word in words) for name, telling in _TELLING.items()
    }
    for name, mark in _MARKS.items():
        points[name] += 2 * len(mark.findall(text.lower()))
    best = max(points, key=lambda name: (points[name], name == default))
    if best == default:
        return best if points[best] >= _LEAD or (len(words) <= 2 and points[best]) else ""
    lead = points[best] - points.get(default, 0)
    short = len(words) <= _SHORT and points[best] >= 1 and not points.get(default, 0)
    return best if lead >= _LEAD or short else ""
