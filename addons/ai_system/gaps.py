"""Questions that nobody could answer, grouped by similar words. Plain Python without Odoo.

Deterministic and without a model: words lose accents, endings and the most common of them; two
questions are alike when they share enough of what is left.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

ALIKE = 0.5  # Dice's coefficient of two sets of stems
CORE = 8  # stems that a group is told by
SHORTEST = 3

_WORD = re.compile(r"[^\W_]+")
# Portuguese, Spanish and English words that say nothing about the subject.
_COMMON_WORDS = """
    a o as os um uma uns umas de do da dos das em no na nos nas por pelo pela para pra pro com sem
    e ou mas que quem qual quais como quando onde se ao aos eu tu ele ela nos vos eles elas voce
    voces me te lhe meu minha meus minhas seu sua seus suas este esta esse essa isso isto aquele
    aquela tem ter tinha tenho ha ser sao foi era estar esta estao estou posso pode podem poderia
    quero queria gostaria saber favor ola oi bom boa dia tarde noite obrigado obrigada sim nao
    tambem mais muito ainda ja so ai aqui la vcs vc tbm pq
    el la los las lo un unos unas del al con sin y pero quien cual cuales cuando donde si yo
    usted ustedes nosotros mi mis su sus este esta esto ese esa eso tiene tienen tengo hay es son
    fue puede pueden puedo quiero quisiera hola buenos buenas dias tardes noches gracias no
    tambien muy todavia ya por favor
    the an of in on at by for with without and or but that who which how when where if i you he
    she it we they me my your his her its our their this these those is are was were be do does
    did have has can could would will want please hi hello thanks thank yes not also more very
    there here
"""
_ALL_ENDINGS = """
    amentos amento imentos imento acoes acao aciones acion adores ador mente idades idade ando
    endo indo iendo aram eram iram avam aban amos emos imos ados adas ado ada idos idas ido ida
    ings ing ed es os as is am em an en ar er ir ou ei s o a e i u
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_ENDINGS = sorted(_ALL_ENDINGS.split(), key=lambda ending: (-len(ending), ending))


def stems(question: str) -> dict[str, str]:
    """Return {stem: the word as it was written}, in the order of the words."""
    found: dict[str, str] = {}
    for word in _WORD.findall(unicodedata.normalize("NFC", question.casefold())):
        plain = _without_accents(word)
        if len(plain) >= SHORTEST and plain not in _COMMON:
            found.setdefault(_stem(plain), word)
    return found


def alike(one: Iterable[str], other: Iterable[str]) -> float:
    """Return how much two groups of stems have in common, 0 to 1."""
    first, second = set(one), set(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def best(question: Iterable[str], groups: dict[int, Iterable[str]]) -> int | None:
    """Return the key of the group that `question`, its stems, is most like; None if of none.

    Of equally alike groups the one with the lowest key.
    """
    wanted = set(question)
    scored = [(alike(wanted, group), -key) for key, group in groups.items()]
    score, key = max(scored, default=(0.0, 0))
    return -key if score >= ALIKE else None


def core(questions: Iterable[str]) -> dict[str, str]:
    """Return {stem: word} of what most of these questions are about, the most frequent first."""
    counts: Counter[str] = Counter()
    words: dict[str, str] = {}
    total = 0
    for question in questions:
        found = stems(question)
        total += 1
        counts.update(found.keys())
        for stem, word in found.items():
            words.setdefault(stem, word)
    often = [stem for stem, count in counts.most_common() if 2 * count >= total]
    return {stem: words[stem] for stem in often[:CORE]}


def _without_accents(word):
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _stem(word):
    for ending in _ENDINGS:
        left = len(word) - len(ending)
        if word.endswith(ending) and left >= (SHORTEST if len(ending) < 3 else SHORTEST + 1):
            return word[:left]
    return word
