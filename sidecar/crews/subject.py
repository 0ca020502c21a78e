"""Which products a message is about: its own, or those that were spoken of before."""

from sidecar.claims.text import fold
from sidecar.crews.asked import goes_back, only_reacts, price_end, thanks, without_refused
from sidecar.data_proxy.agent import DataProxyAgent, FoundProduct

_FEW_WORDS = 5  # "tem em azul?" may be about what was spoken of before
_LONGEST = 200  # characters of what was said before
_FURTHEST = 4  # messages that may each go back to the one before it
_COMPARED = 20  # among so many the cheapest is looked for


def products_asked(
    question: str, history: list[dict[str, str]], proxy: DataProxyAgent, most: int
) -> list[FoundProduct]:
    """At most `most` products for `question`, best first; by price where that is asked for.

    history: earlier `{role, content}` messages, oldest first. A few words, or words that point
    back, are looked for with those before them, unless a product is named by the new words alone.
    """
    wanted, end = without_refused(question), price_end(question)
    limit = _COMPARED if end else most
    found = proxy.find_products(wanted, limit)
    before = _spoken_of([m["content"] for m in history if m["role"] == "user"])
    back = bool(before) and _may_go_back(question) and not (found and named(found[0]))
    if back:
        found = proxy.find_products(f"{before} {wanted}", limit)
    if end:
        found = _by_price(found, history if back else [], dearest=end == "dearest")
    return found[:most]


def named(product: FoundProduct) -> frozenset[str]:
    """The folded words of the question that are the product's name, category or code.

    A number alone names nothing ("2 cadeiras", "Sofá 2 Lugares").
    """
    reasons = [reason.partition(": ") for reason in product.why]
    told = (words for kind, _, words in reasons if kind in ("name", "category", "code"))
    words = frozenset(fold(" ".join(told)).split())
    return words if any(not word.isdigit() for word in words) else frozenset()


def only_named(products: list[FoundProduct]) -> list[FoundProduct]:
    """Those that the question names as closely as any: of "sofá ipanema" not every sofa.

    A service that shares a product's word ("Impermeabilização de Sofá") is left out. One word of a
    single product is no name: other words may mean the same.
    """
    goods = [named(p) for p in products if p.facts["type"] != "service"]
    offered = [
        product
        for product in products
        if product.facts["type"] != "service"
        or not named(product)
        or not any(named(product) <= other for other in goods)
    ]
    kept = [
        product
        for product in offered
        if (words := named(product)) and not any(words < named(other) for other in products)
    ]
    if not kept or (len(kept) == 1 and len(named(kept[0])) == 1):
        return offered
    return kept


def _may_go_back(question: str) -> bool:
    if only_reacts(question) or thanks(question):
        return False
    return goes_back(question) or len(question.split()) < _FEW_WORDS


def _spoken_of(earlier: list[str]) -> str:
    """What the customer spoke of last, with what they went on to ask of it."""
    told: list[str] = []
    for text in reversed(earlier[-_FURTHEST:]):
        told.insert(0, without_refused(text)[:_LONGEST])
        if not goes_back(text):
            break
    return " ".join(told)[-2 * _LONGEST :]


def _by_price(
    found: list[FoundProduct], history: list[dict[str, str]], dearest: bool
) -> list[FoundProduct]:
    """By price: those that were listed last, where the words speak of "them"; else the named."""
    listed = next((fold(m["content"]) for m in reversed(history) if m["role"] != "user"), "")
    goods = [p for p in found if p.facts["type"] != "service"] or found
    shown = [p for p in goods if fold(p.facts["name"]) in listed]
    chosen = shown if len(shown) > 1 else only_named(goods)
    return sorted(chosen, key=lambda p: p.facts["price"], reverse=dearest)
