"""What a conversation tells of a shop's words: which product of a list a customer meant.

A customer who asks for something, is shown several products and then names one of them, or is
quoted one, has said what kind of product their first words mean here (`choices.py`).
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sidecar.search.choices import Choices
from sidecar.search.query import understand
from sidecar.search.tokens import Tokenizer, fold, tokenizer_of
from sidecar.search.topics import topic_words_in

LEAST_SHOWN = 2  # one product leaves no choice
_MOST_SHOWN = 10
LONGEST = 200  # characters of a question; longer ones tell a story
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
# Who says one of these may be turning a product down.
_AGAINST = {
    "pt": {"nao", "nem", "outro", "outra", "outros", "outras", "exceto", "menos"},
    "en": {"no", "not", "don't", "don’t", "other", "another", "else", "except", "instead"},
    "es": {"no", "ni", "otro", "otra", "otros", "otras", "excepto", "menos"},
}
# The talk around a wish, beside stop-words and what rules are about.
_TALK = {
    "pt": """
        ajuda aqui ai alguem ate ver saber mostra mostre mostrar manda mande mandar foto fotos
        quanto quanta quantos custa custam custo preco precos valor valores tem ter teria temos
        opcao opcoes modelo modelos disponivel disponiveis estoque comprar compra interesse pode
        poderia posso sou chamo nome vc vcs gente barato barata caro cara melhor oque coisa tipo
        obrigado obrigada""",
    "en": """
        help here show see know send photo photos picture how much cost costs price prices
        option options model models available stock buy interested may might am name want wanted
        cheap cheapest best thing kind thanks thank got get give anything something""",
    "es": """
        ayuda aqui ver saber muestra mostrar manda mandar foto fotos cuanto cuanta cuantos
        cuesta cuestan precio precios valor opcion opciones modelo modelos disponible stock
        comprar interesa soy llamo nombre puede podria puedo barato barata caro cara mejor cosa
        tipo gracias""",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A product that a customer was shown. category: as facts have it."""

    name: str
    category: str


def listed(products: Iterable[Mapping[str, Any]]) -> str:
    """A list as a conversation remembers it, of dicts with `title` and `category`; "" for none.

    Fewer than two products are no list.
    """
    told = [[one["title"], one["category"]] for one in products][:_MOST_SHOWN]
    return json.dumps(told, ensure_ascii=False) if len(told) >= LEAST_SHOWN else ""


def shown_in(text: str) -> list[Shown]:
    """What `listed` wrote."""
    return [Shown(name, category) for name, category in json.loads(text)] if text else []


def named(words: str, shown: Sequence[Shown], language: str) -> Shown | None:
    """The one product of the list that a customer's words name; None where it is not sure.

    By words that stand in its name alone, not by those for its kind: "a poltrona" may be another
    wish. Words that may turn a product down name none.
    """
    tokenizer = tokenizer_of(language)
    said = {fold(word) for word in _WORD.findall(words)}
    if said & _AGAINST.get(tokenizer.language, set()):
        return None
    tokens = set(tokenizer.tokens(words))
    own = _own_tokens(shown, tokenizer)
    found = [one for one, mine in zip(shown, own, strict=True) if mine & tokens]
    return found[0] if len(found) == 1 else None


def quoted(text: str, shown: Sequence[Shown]) -> Shown | None:
    """The one product of the list whose whole name stands in a preview; None for several."""
    told = fold(text)
    found = [one for one in shown if fold(one.name) in told]
    names = [fold(one.name) for one in found]
    # "Mesa Cedro" stands in "Mesa Cedro Grande" as well
    whole = [
        one
        for one, name in zip(found, names, strict=True)
        if not any(name != other and name in other for other in names)
    ]
    return whole[0] if len(whole) == 1 else None


def person_of(channel_id: int, contact_id: int | None, conversation: str) -> str:
    """A customer's name among those who chose: the contact, else the conversation."""
    if contact_id:
        return f"contact {channel_id}-{contact_id}"
    return f"conversation {conversation}"


def teach(choices: Choices, sought: str, chosen: Shown, person: str, name: str) -> bool:
    """Remember that `person`, called `name`, chose a product after the words `sought`.

    Only words of the wish are learned: no talk, no rules, no addresses, not the customer's name.
    Whether anything was.
    """
    words = _wish(sought, name, choices.context.language_code) if len(sought) <= LONGEST else ""
    return choices.note(words, chosen.category, person)


def _wish(sought: str, name: str, language: str) -> str:
    text = understand(_ADDRESS.sub(" ", sought), language).text
    left_out = {fold(word) for word in _WORD.findall(name)}
    left_out |= topic_words_in(text, language) | set(_TALK.get(language, "").split())
    return " ".join(word for word in _WORD.findall(text) if fold(word) not in left_out)


def _own_tokens(shown: Sequence[Shown], tokenizer: Tokenizer) -> list[set[str]]:
    """Of each product, the tokens with a letter that are in its name alone and in no kind."""
    names = [set(tokenizer.tokens(one.name)) for one in shown]
    kinds = {token for one in shown for token in tokenizer.tokens(one.category)}
    numbers = Counter(token for name in names for token in name)
    return [
        {
            token
            for token in name
            if numbers[token] == 1 and token not in kinds and not token.isdigit()
        }
        for name in names
    ]
