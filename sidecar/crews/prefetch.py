"""What nearly every answer needs, read side by side before a model is asked."""

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from sidecar.crews.subject import products_asked
from sidecar.crews.topics import asks_about_orders
from sidecar.data_proxy.agent import DataProxyAgent, FoundProduct
from sidecar.data_proxy.reading import side_by_side
from sidecar.data_proxy.rules import RuleBrief, RuleProxy
from sidecar.errors import SidecarError
from sidecar.observability.tracing import Trace
from sidecar.tools.context import ToolContext
from sidecar.tools.dispatch import run

log = structlog.get_logger(__name__)

PRODUCTS_TOLD = 5
_ORDERS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Prefetched:
    """first_name: of a proven customer, or "". orders: theirs, as `order_status` tells them, where
    the question is about orders.
    """

    products: list[FoundProduct] = field(default_factory=list)
    brief: RuleBrief = field(default_factory=RuleBrief)
    first_name: str = ""
    orders: list[dict[str, Any]] = field(default_factory=list)


def prefetch(
    question: str,
    history: list[dict[str, str]],
    proxy: DataProxyAgent,
    rules: RuleProxy | None,
    context: ToolContext | None,
    trace: Trace,
    limit: float,
) -> Prefetched:
    """Products, rules and the person, within `limit` seconds; what comes too late is left out.

    history: earlier `{role, content}` messages, oldest first. Raises the error of the products'
    source where neither rules nor orders give an answer.
    """
    brief = RuleBrief(question, proxy.context.language_code)
    works: list[tuple[str, Callable[[], Any]]] = [
        ("products", lambda: products_asked(question, history, proxy, PRODUCTS_TOLD))
    ]
    if rules is not None:
        works.append(("rules", lambda: rules.brief(question)))
    if context is not None:
        works.append(("person", lambda: _person(question, context)))
    outcomes = dict(
        zip(
            (name for name, _work in works),
            side_by_side([_traced(name, work, trace) for name, work in works], limit),
            strict=True,
        )
    )
    told = _told(outcomes, "rules", brief, proxy)
    first_name, orders = _told(outcomes, "person", ("", []), proxy)
    products = outcomes["products"]
    if isinstance(products, SidecarError):
        if not told.found and not orders:
            raise products
        log.warning("products.not_told", account=proxy.context.account_id, code=products.code)
        products = []
    if rules is not None:
        for product in products:
            rules.record_offers(product.facts, told.offers(product.facts))
    return Prefetched(products, told, first_name, orders)


def _person(question: str, context: ToolContext) -> tuple[str, list[dict[str, Any]]]:
    person = context.person
    if not person.is_customer:
        return "", []
    orders: list[dict[str, Any]] = []
    if asks_about_orders(question) and "order_status" in (context.tools or ()):
        orders = run("order_status", context, {"limit": _ORDERS_TOLD}).get("orders", [])
    return person.name.split()[0] if person.name else "", orders


def _traced(name: str, work: Callable[[], Any], trace: Trace) -> Callable[[], Any]:
    inside = contextvars.copy_context()

    def timed() -> Any:
        with trace.timed("prefetch", name) as step:
            found = work()
            step.told = str(len(found)) if isinstance(found, list) else ""
            return found

    return lambda: inside.run(timed)


def _told(outcomes: dict[str, Any], name: str, otherwise: Any, proxy: DataProxyAgent) -> Any:
    found = outcomes.get(name, otherwise)
    if isinstance(found, SidecarError):
        log.warning("prefetch.failed", account=proxy.context.account_id, what=name, code=found.code)
        return otherwise
    return found
