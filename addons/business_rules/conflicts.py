"""Which rules contradict each other, and which replace others. Plain Python without Odoo.

Only rules of the same standing are compared: that a temporary rule says something else than a
permanent one is its purpose, and a rule for some products goes before one for all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

TERMS = {
    # What two rules about a subject must not say differently.
    "return": ("days",),
    "delivery": ("cost", "fee", "free_from", "days_min", "days_max", "unit"),
    "payment": ("installments_max", "installments_free", "installment_min", "pix_discount"),
    "warranty": ("months",),
}
COUPONS = ("discount_kind", "percent", "amount", "minimum")


@dataclass(frozen=True)
class Claim:
    """One rule as far as it can contradict another.

    subject: kind of the permanent rules that it is one of, or stands in for; a promotion's own
    kind. terms: its figures by the names above, None where the rule says nothing. products (each
    with its category), categories (with all their children), regions: what it is limited to.
    start, end: instants.
    """

    id: int
    subject: str
    temporary: bool
    terms: dict = field(hash=False)
    coupon: str = ""
    products: dict[int, int] = field(default_factory=dict, hash=False)
    categories: frozenset[int] = frozenset()
    regions: frozenset[str] = frozenset()
    start: datetime | None = None
    end: datetime | None = None
    text: str = ""

    @property
    def everywhere(self) -> bool:
        return not self.products and not self.categories


@dataclass(frozen=True)
class Conflict:
    """first, second: ids of the rules, the lower first; subject: one of TERMS, or "coupon"."""

    first: int
    second: int
    subject: str


def conflicts(claims: Iterable[Claim]) -> Iterator[Conflict]:
    """Yield the pairs of claims that contradict each other, each once."""
    for one, other in combinations(sorted(claims, key=lambda claim: claim.id), 2):
        if not _meet(one, other):
            continue
        if one.coupon and one.coupon == other.coupon:
            if _differ(one, other, COUPONS):
                yield Conflict(one.id, other.id, "coupon")
        elif (
            one.subject == other.subject
            and one.subject in TERMS
            and _differ(one, other, TERMS[one.subject])
        ):
            yield Conflict(one.id, other.id, one.subject)


def identical(one: Claim, other: Claim) -> bool:
    """True when both say the same about the same things at a common time."""
    return (
        _meet(one, other)
        and one.subject == other.subject
        and (one.terms, one.coupon, one.text) == (other.terms, other.coupon, other.text)
        and (one.products, one.categories) == (other.products, other.categories)
    )


def replaced(claims: Iterable[Claim]) -> set[int]:
    """Return the ids of the permanent claims that a temporary one among `claims` stands in for.

    All of them are taken as in force. A temporary rule that is limited to something replaces only
    rules that are limited to a part of it.
    """
    claims = list(claims)
    temporary = [claim for claim in claims if claim.temporary and claim.subject in TERMS]
    return {
        claim.id
        for claim in claims
        if not claim.temporary
        and any(t.subject == claim.subject and _covers(t, claim) for t in temporary)
    }


def _meet(one, other):
    """True when a customer could be under both at once, and neither is made to go first."""
    if one.temporary != other.temporary:
        return False
    if bool(one.regions) != bool(other.regions):
        return False
    if one.regions and one.regions.isdisjoint(other.regions):
        return False
    if one.start and other.end and one.start >= other.end:
        return False
    if other.start and one.end and other.start >= one.end:
        return False
    if one.everywhere or other.everywhere:
        return one.everywhere and other.everywhere
    return bool(
        one.products.keys() & other.products.keys()
        or one.categories & other.categories
        or one.categories & set(other.products.values())
        or other.categories & set(one.products.values())
    )


def _differ(one, other, names):
    """True when a term that both state is not the same."""
    stated = (name for name in names if None not in (one.terms.get(name), other.terms.get(name)))
    return any(one.terms[name] != other.terms[name] for name in stated)


def _covers(temporary, permanent):
    if temporary.regions and not (permanent.regions and permanent.regions <= temporary.regions):
        return False
    if temporary.everywhere:
        return True
    if permanent.everywhere:
        return False
    return permanent.categories <= temporary.categories and all(
        product in temporary.products or category in temporary.categories
        for product, category in permanent.products.items()
    )
