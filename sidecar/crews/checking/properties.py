"""Colors, materials and certificates that an answer names were read, in whatever language."""

import re
from collections.abc import Iterator
from functools import lru_cache

from sidecar.claims.lexicon import LANGUAGES, implied, lexicon
from sidecar.claims.text import fold, sentences
from sidecar.crews.checking.amounts import negated
from sidecar.crews.checking.known import Known

_COLORS = (
    "azul azuis azules blue",
    "verde verdes green",
    "vermelho vermelha vermelhos vermelhas rojo roja rojos rojas red",
    "amarelo amarela amarelos amarelas amarillo amarilla yellow",
    "preto preta pretos pretas negro negra negros negras black",
    "branco branca brancos brancas blanco blanca blancos blancas white",
    "cinza cinzas gris grises grey gray",
    "bege beges beige",
    "marrom marrons marron marrones brown",
    "roxo roxa lilas morado morada purple",
    "laranja anaranjado naranja orange",
    "rosa rosado pink",
    "dourado dourada dorado golden",
)
_COLOR_OF = {word: words.split()[0] for words in _COLORS for word in words.split()}
_WORD = re.compile(r"[^\W_]+")


def problems(text: str, known: Known) -> Iterator[str]:
    """Properties of `text` that nothing says, as they are written."""
    colors = {_COLOR_OF[word] for word in known.words if word in _COLOR_OF}
    told = lexicon(known.language if known.language in LANGUAGES else "en")
    materials: set[str] | None = None
    for part in sentences(text):
        folded = fold(part)
        if negated(folded, known.language) or part.rstrip().endswith("?"):
            continue
        for word in _WORD.finditer(folded):
            if word.group() in _COLOR_OF and _COLOR_OF[word.group()] not in colors:
                yield part[word.start() : word.end()]
        for mention in told.mentions(folded):
            if mention.kind == "other" or mention.negative:
                continue
            if materials is None:
                materials = _subjects(known)
            if mention.subject not in materials and mention.words not in known.said_blob:
                yield part[mention.start : mention.end]


def _subjects(known: Known) -> set[str]:
    found = {
        subject
        for leaf in known.leaves
        if isinstance(leaf.value, str)
        for subject in (_kept if leaf.is_the_shops else _subjects_of)(leaf.value)
    }
    return found | {more for subject in found for more in implied().get(subject, ())}


@lru_cache(maxsize=4096)
def _kept(text: str) -> frozenset[str]:
    """Of a text of the shop, which the next turns read again."""
    return _subjects_of(text)


def _subjects_of(text: str) -> frozenset[str]:
    return frozenset(
        mention.subject
        for language in LANGUAGES
        for mention in lexicon(language).mentions(fold(text))
        if not mention.negative
    )
