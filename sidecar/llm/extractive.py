"""The writer without a model: composes answers and descriptions from facts alone.

It is what the house answers with when no LLM is configured, and the fallback when one fails. It
invents nothing because it can only repeat facts.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from sidecar.llm.sentences import money, number, translations

_GREETING = re.compile(
    r"(?i)^\W*(oi+|ol[aá]|bom dia|boa tarde|boa noite|hi|hello|hey|good (morning|afternoon|evening)"
    r"|hola|buenos d[ií]as|buenas( tardes| noches)?)"
    r"\b\W*(tudo bem|tudo bom|how are you|qu[eé] tal|c[oó]mo est[aá]n?)?\W*$"
)
_PERSON = re.compile(
    r"(?i)\b(atendente|humano|pessoa de verdade"
    r"|falar com (algu[eé]m|uma pessoa|((um|uma|o|a) )?(vendedora?|gerente|respons[aá]vel))"
    r"|(chama|chame|chamar|passa|passe|transfere|transfira) ((para|pra) )?(uma pessoa|algu[eé]m"
    r"|(um|uma|o|a) (vendedora?|gerente))|(quero|preciso de) (uma pessoa|um vendedor)"
    r"|human|real person|representative|call (me )?a person"
    r"|(speak|talk) (to|with) (a|an|the|some)(one|body| person| human| agent| manager)"
    r"|(hablar|comunicarme) con (una persona|alguien|un humano|un agente|un asesor|el gerente"
    r"|un vendedor)|agente humano|(llam[ae]|llamar|quiero) (a )?(una persona|un asesor))\b"
)


_LONGEST = 1200  # characters of what is said of rules in one message
_LONGEST_RULE = 500
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True, slots=True)
class ProductWords:
    """How products are told. doubted: nothing in the question names them. by_price: which end of
    the prices is first (`cheapest`, `dearest`), or "". details: product id → what it is like.
    """

    doubted: bool = False
    by_price: str = ""
    details: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What the company's rules say to a question, in words.

    sentences: the answer, the most telling first. offers: product id → its prices under promotions
    and the coupon that each needs ("" = none). no_promotion: they were asked for and there is none.
    greeting, farewell: the company's own, or "". announced: told to everybody who says hello.
    """

    sentences: list[str] = field(default_factory=list)
    offers: dict[int, list[tuple[float, str]]] = field(default_factory=dict)
    no_promotion: bool = False
    greeting: str = ""
    farewell: str = ""
    announced: list[str] = field(default_factory=list)


def wants_person(text: str) -> bool:
    """Whether the customer asks for a human being."""
    return bool(_PERSON.search(text))


def has_answer(
    question: str, products: list[dict[str, Any]], rules: "RuleWords", orders: list[dict[str, Any]]
) -> bool:
    """Whether `answer` says more than that nothing was found."""
    return bool(
        _GREETING.match(question) or products or rules.sentences or rules.no_promotion or orders
    )


def answer(
    question: str,
    products: list[dict[str, Any]],
    shop: str,
    language: str,
    rules: RuleWords | None = None,
    orders: list[dict[str, Any]] | None = None,
    amounts: str = "",
    told: ProductWords | None = None,
) -> str:
    """An answer from the products that were found (facts of `docs/contracts.md`) and the rules.

    orders: the customer's own, as the tool `order_status` tells them; they go first.
    amounts: the language figures are written in, where it is another one. told: how products are.
    """
    _ = translations(language).gettext
    rules = rules or RuleWords()
    if _GREETING.match(question):
        return hello(shop, language, rules)
    parts = [order_line(order, language) for order in orders or []]
    parts += _told(rules.sentences)
    if rules.no_promotion:
        parts.append(_("There is no promotion right now."))
    if products and not orders:
        parts.append(_products(products, language, rules, amounts, told or ProductWords()))
    if not parts:
        return _(
            "I could not find that in our catalog. Could you say it in other words? "
            "If you prefer, ask for a person and I will call one."
        )
    return "\n\n".join(parts)


def hello(shop: str, language: str, rules: RuleWords) -> str:
    """The company's greeting, or one, and what it announces to everybody."""
    _ = translations(language).gettext
    words = _("Hello! This is %(shop)s. What are you looking for?") % {"shop": shop}
    return "\n\n".join([rules.greeting or words, *_told(rules.announced)])


def _products(
    products: list[dict[str, Any]],
    language: str,
    rules: RuleWords,
    amounts: str,
    told: ProductWords,
) -> str:
    """The products, a line each, under what is known of why they are told."""
    _ = translations(language).gettext
    many = len(products) > 1
    if told.doubted:
        heading = _("I am not sure what you are looking for. Could it be this?")
    elif told.by_price and many:
        cheap = told.by_price == "cheapest"
        heading = _("The cheapest first:") if cheap else _("The most expensive first:")
    else:
        heading = _("This is what we have:") if many else _("We have this one:")
    lines = [heading]
    for product in products:
        offers = rules.offers.get(product["id"], [])
        lines.append(f"• {product_line(product, language, offers, amounts)}")
        lines += filter(None, [told.details.get(product["id"])])
    if many:
        lines.append(_("Which one would you like to know more about?"))
    return "\n".join(lines)


def product_line(
    product: dict[str, Any],
    language: str,
    offers: list[tuple[float, str]] | None = None,
    amounts: str = "",
) -> str:
    """One product in one line: name, live price, prices under promotions, live stock."""
    _ = translations(language).gettext
    amounts = amounts or language
    parts = [f"**{product['name']}**", money(product["price"], product["currency"], amounts)]
    for price, coupon in offers or []:
        told = {"price": money(price, product["currency"], amounts), "coupon": coupon}
        if coupon:
            parts.append(_("%(price)s with the coupon %(coupon)s") % told)
        else:
            parts.append(_("%(price)s in promotion") % told)
    if product["is_storable"] and product["available"] > 0:
        quantity = number(product["available"], amounts)
        parts.append(_("%(quantity)s in stock") % {"quantity": quantity})
    elif product["in_stock"]:
        parts.append(_("available"))
    else:
        parts.append(_("out of stock"))
    return " – ".join(parts)


def order_line(order: dict[str, Any], language: str) -> str:
    """How an order stands, with what is known of its latest delivery."""
    _ = translations(language).gettext
    states = {
        "quotation": _("waiting for your confirmation"),
        "order": _("confirmed"),
        "done": _("delivered"),
        "cancelled": _("cancelled"),
    }
    told = {"name": order["order"], "state": states.get(order["state"], order["state"])}
    lines = [_("Your order %(name)s: %(state)s.") % told]
    delivery = next(iter(order.get("deliveries", [])[-1:]), None)
    if delivery and order["state"] == "order":
        if delivery.get("scheduled"):
            lines.append(_("Delivery planned for %(date)s.") % {"date": delivery["scheduled"]})
        if delivery.get("tracking_url"):
            lines.append(_("Follow it here: %(url)s") % {"url": delivery["tracking_url"]})
    return " ".join(lines)


def _told(sentences: list[str]) -> list[str]:
    """As many of the sentences as fit into a message, each cut at the end of a sentence."""
    found: list[str] = []
    left = _LONGEST
    for sentence in sentences:
        text = _cut(sentence.strip(), min(_LONGEST_RULE, left))
        if not text:
            break
        found.append(text)
        left -= len(text)
    return found


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        if len(kept) + len(sentence) + 1 > longest:
            break
        kept = f"{kept} {sentence}".strip()
    return kept
