"""The answer without a model: only what was read, in the sentences that code has."""

from typing import Any

from sidecar.crews.prefetch import Prefetched
from sidecar.data_proxy.rules import RuleBrief, RuleHit
from sidecar.llm import extractive


def extractive_text(
    question: str, read: Prefetched, shop: str, language: str, amounts: str
) -> tuple[str, bool]:
    """(the answer, whether it says more than that nothing was found). language: Odoo's code.

    amounts: the language in which figures are written: the tenant's, as in all its texts.
    """
    brief = read.brief
    told = [found.facts for found in read.products if brief.is_about(found.why)]
    words = _words(told, brief)
    text = extractive.answer(question, told, shop, language, words, read.orders, amounts)
    return text, extractive.has_answer(question, told, words, read.orders)


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
