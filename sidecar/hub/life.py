"""Beginning and end of a conversation, and the shape of what is said in between.

Pure: which messages only greet or say goodbye, and how an answer becomes a few short messages.
"""

import re

from sidecar.chatwoot.formatting import split_text
from sidecar.search.tokens import fold

LONG = 1000  # characters from which on a person would send more than one message
_MOST_MESSAGES = 3
_LONGEST_GOODBYE = 10  # words


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text))


_GREETINGS = frozenset(
    _words(
        "oi oii oie ola opa alo eai e ai bom boa dia tarde noite tudo bem bom como vai voce voces"
        " vc hi hello hey good morning afternoon evening there how are you"
        " hola buenos buenas dias tardes noches que tal"
    )
)
_HELLO = frozenset(
    _words("oi oii oie ola opa alo eai bom boa hi hello hey good hola buenos buenas")
)
_GOODBYES = (
    "tchau",
    "ate logo",
    "ate mais",
    "ate breve",
    "ate amanha",
    "era so isso",
    "e so isso",
    "so isso",
    "so isso mesmo",
    "nada mais",
    "mais nada",
    "bye",
    "bye bye",
    "goodbye",
    "good bye",
    "see you",
    "that is all",
    "that s all",
    "nothing else",
    "adios",
    "chau",
    "hasta luego",
    "hasta pronto",
    "eso es todo",
    "nada mas",
)
_POLITE = frozenset(
    _words(
        "ok okay blz beleza certo perfeito otimo ta esta bom bem entao muito mto obrigado obrigada"
        " obg brigado brigada valeu vlw por enquanto hoje nao sim agradeco abraco abracos de nada"
        " pela ajuda atencao a e um uma boa dia tarde noite semana fim"
        " thanks thank you very much so for now no yes great perfect have nice good day evening"
        " night the help all gracias muchas ahora si listo vale perfecto buen buena la ayuda"
    )
)
_SALUTATION = re.compile(
    r"^\W*(?:ol[aá]|oi+|opa|bom dia|boa tarde|boa noite|hello|hi|hey|good (?:morning|afternoon"
    r"|evening)|hola|buen[oa]s (?:d[ií]as|tardes|noches))\b[^.!?\n]{0,30}[.!?]+\W*",
    re.IGNORECASE,
)


def only_greets(text: str) -> bool:
    """Whether a message says hello and nothing else."""
    words = _words(text)
    return bool(words) and words[0] in _HELLO and all(word in _GREETINGS for word in words)


def says_goodbye(text: str) -> bool:
    """Whether a message ends the conversation: a goodbye, and only polite words around it."""
    words = _words(text)
    if not words or len(words) > _LONGEST_GOODBYE or "?" in text:
        return False
    for phrase in sorted(_GOODBYES, key=len, reverse=True):
        parts = phrase.split()
        for place in range(len(words) - len(parts) + 1):
            if words[place : place + len(parts)] == parts:
                rest = words[:place] + words[place + len(parts) :]
                return all(word in _POLITE for word in rest)
    return False


def greeted(greeting: str, text: str) -> str:
    """`text` after the company's greeting, without a second hello."""
    if not greeting.strip() or _same(greeting, text):
        return text
    rest = _SALUTATION.sub("", text, count=1)
    rest = rest[:1].upper() + rest[1:]
    return f"{greeting.strip()}\n\n{rest}".strip()


def messages(text: str, limit: int, several: bool) -> tuple[str, ...]:
    """`text` as messages of at most `limit` UTF-16 units.

    several: a long text becomes two or three messages of whole paragraphs, as a person would.
    """
    paragraphs = [part for part in re.split(r"\n{2,}", text.strip()) if part.strip()]
    if not several or len(text) <= LONG or len(paragraphs) < 2:
        return tuple(split_text(text, limit))
    count = min(_MOST_MESSAGES, len(paragraphs), -(-len(text) // LONG))
    share, groups = len(text) / count, [paragraphs[0]]
    for paragraph in paragraphs[1:]:
        full = len(groups[-1]) + len(paragraph) / 2 > share
        if full and len(groups) < count:
            groups.append(paragraph)
        else:
            groups[-1] += f"\n\n{paragraph}"
    return tuple(part for group in groups for part in split_text(group, limit))


def _same(greeting: str, text: str) -> bool:
    known = _words(greeting)
    return _words(text)[: len(known)] == known or fold(greeting).strip() in fold(text)
