"""The answer without a model: only what was read, in the sentences that code has."""

import re
from typing import Any

from sidecar.claims.text import fold, sentences
from sidecar.crews.asked import (
    asks_feature,
    asks_own_order,
    only_reacts,
    price_end,
    thanks,
)
from sidecar.crews.prefetch import Prefetched
from sidecar.crews.subject import named, only_named
from sidecar.data_proxy.agent import FoundProduct
from sidecar.data_proxy.rules import RuleBrief, RuleHit
from sidecar.llm import extractive
from sidecar.llm.sentences import translations

_COMPARED = 2  # so few products are told with what they are like
_GUESSED = 3  # products, where the question names none
_LONGEST_DETAIL = 240
# a product's text tells what it is like: prices and promises are the fields' and the rules'
_NO_FEATURE = re.compile(
    r"r\$|us\$|[$€£]|\b(?:descont|promoc|promot|cupo[mn]|gratis|free of charge|discount|coupon"
    r"|preco|price|precio|off\b|brinde|https?:|www\.)|@"
)
# nor does it speak to whoever reads it out
_TO_A_MACHINE = re.compile(
    r"\b(?:ignor[ea]|instruc|instruct|sistema:|system|assistant|assistente:|prompt|revel[ea]"
    r"|diga\b|responda|tell the|call \w+_\w+)|[<>{}]"
)
# topics of rules that answer for an order that is not known
_ABOUT_ORDERS = frozenset(("cancellation", "payment", "return", "warranty"))


def extractive_text(
    question: str, read: Prefetched, shop: str, language: str, amounts: str, began: bool = False
) -> tuple[str, bool]:
    """(the answer, whether it says more than that nothing was found). language: Odoo's code.

    amounts: the language in which figures are written: the tenant's, as in all its texts. began:
    something was said before.
    """
    brief = read.brief
    if said := _small_talk(question, brief, shop, language, amounts, began):
        return said, True
    if asks_own_order(question) and not (read.orders or brief.topics & _ABOUT_ORDERS):
        return _no_order(language), False
    told = only_named([found for found in read.products if brief.is_about(found.why)])
    words = _words([found.facts for found in told], brief)
    if asks_feature(question):
        closest = only_named(read.products)
        if len(closest) <= _COMPARED and named(closest[0]):
            told, words.sentences[:] = closest, []
    doubted = bool(told) and not any(map(named, told))
    told = told[:_GUESSED] if doubted else told
    facts = [found.facts for found in told]
    text = extractive.answer(
        question, facts, shop, language, words, read.orders, amounts,
        extractive.ProductWords(doubted, price_end(question), _details(told)),
    )  # fmt: skip
    return text, extractive.has_answer(question, facts, words, read.orders)


def _small_talk(
    question: str, brief: RuleBrief, shop: str, language: str, amounts: str, began: bool
) -> str:
    """What is said where nothing was asked, or ""."""
    _ = translations(language).gettext
    if thanks(question):
        farewell = str(brief.profile.get("texts", {}).get("farewell", ""))
        own = farewell if language == amounts else ""
        return own or _("You're welcome! Just write if you need anything else.")
    if not only_reacts(question):
        return ""
    if not began:
        return extractive.hello(shop, language, _words([], brief))
    return _("Good! Tell me in a few words what you would like to know, or ask for a person.")


def _no_order(language: str) -> str:
    _ = translations(language).gettext
    return _(
        "I could not find an order of yours under this contact. If you bought with another number "
        "or e-mail, ask for a person and I will call one who can look it up."
    )


def _details(told: list[FoundProduct]) -> dict[int, str]:
    """What a product is like, where one or two are named."""
    if len(told) > _COMPARED or not all(map(named, told)):
        return {}
    return {found.facts["id"]: text for found in told if (text := _detail(found.facts))}


def _detail(facts: dict[str, Any]) -> str:
    """Attributes and the first sentences of a product's own text."""
    kept = "; ".join(f"{a['name']}: {', '.join(a['values'])}" for a in facts["attributes"])
    kept += "." if kept else ""
    text = facts["sale_text"]
    for sentence in sentences("" if _TO_A_MACHINE.search(fold(text)) else text):
        if _NO_FEATURE.search(fold(sentence)):
            continue
        if len(kept) + len(sentence) + 1 > _LONGEST_DETAIL:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def _words(products: list[dict[str, Any]], brief: RuleBrief) -> extractive.RuleWords:
    texts, offers = brief.profile.get("texts", {}), {}
    suggested = brief.profile.get("promotions", {}).get("suggest_when_selling")
    if suggested or brief.asks_promotions:
        offers = {
            product["id"]: [(offer.price, offer.coupon) for offer in brief.offers(product)]
            for product in products
        }
    return extractive.RuleWords(
        sentences=[*_joined(brief), *map(_titled, brief.answering)],
        offers=offers,
        no_promotion=bool(brief.profile) and brief.asks_promotions and not brief.answering,
        greeting=texts.get("greeting", ""),
        farewell=texts.get("farewell", ""),
        announced=brief.announced,
    )


def _joined(brief: RuleBrief) -> list[str]:
    """Computed sentences as paragraphs: hours, free times, address."""
    groups = (" ".join(brief.hours[:1]), "\n".join(brief.hours[1:]), "\n".join(brief.slots))
    return [text for text in (*groups, "\n".join(brief.company)) if text]


def _titled(hit: RuleHit) -> str:
    """A rule's words under its title; passages of documents and services name themselves."""
    if hit.kind in ("document", "scheduling"):
        return hit.text
    return f"**{hit.title}**\n{hit.text}"
