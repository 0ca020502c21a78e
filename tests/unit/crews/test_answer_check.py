"""Honest answers pass, every kind of lie is found, in three languages; both are counted."""

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from sidecar.claims.text import fold
from sidecar.crews.checking.check import Problem, problems_of
from sidecar.crews.checking.known import Known
from sidecar.crews.checking.leaks import Instructions
from sidecar.data_proxy.evidence import Evidence
from tests.facts import product_facts
from tests.shop_facts import order

ANSWERS = yaml.safe_load((Path(__file__).parents[2] / "fixtures/answers.yaml").read_text("utf-8"))
RULES = {
    1: (
        "Pagamento",
        "Aceitamos PIX e cartão. Em até 10 parcelas sem juros. 5% de desconto no PIX.",
    ),
    2: ("Trocas", "Trocas são aceitas em até 7 dias do recebimento."),
    3: (
        "Entrega",
        "A entrega leva 3 a 5 dias úteis. A entrega custa R$ 80,00 e é grátis a partir de R$ 3000.",
    ),
    4: ("Verão", "10% de desconto em Sala / Sofás, com o cupom VERAO10. Vale até 30/11."),
    5: ("Garantia", "A garantia é de 12 meses."),
}
HOURS = [
    "Segunda-feira a sexta-feira: 09:00–12:00 e 13:00–18:00",
    "Sábado: 09:00–14:00",
    "Domingo: fechado",
    "Nosso endereço: Rua dos Pinheiros, 100",
    "Olá! Aqui é da Casa Ipê. Em que posso ajudar?",
]


def read(erp: str = "odoo") -> Evidence:
    """What one turn read: three products, five rules, hours, an order (of that ERP) and a sum."""
    evidence = Evidence()
    for facts in (
        product_facts(),
        product_facts(
            id=6, name="Poltrona Ipê", price=990.0, available=2.0, default_code="POL-1",
            sale_text="Poltrona de madeira.", weight=12.0, attributes=[], tags=[],
        ),
        product_facts(
            id=8, name="Mesa Cedro", price=1500.0, available=0.0, in_stock=False,
            default_code="M-1", sale_text="Mesa de cedro.", weight=30.0, attributes=[], tags=[],
        ),
    ):  # fmt: skip
        evidence.add(f"{erp}:product.template/{facts['id']}", facts)
    for number, (title, text) in RULES.items():
        evidence.add(f"odoo:ai.business.rule/{number}", {"title": title, "text": text})
    evidence.add("odoo:ai.company.profile", HOURS)
    evidence.add("computed:offer/5", [2511.0])
    evidence.add(f"{erp}:sale.order/71", order())
    evidence.add("computed:calculation", {"result": {"value": 2970.0, "text": "R$ 2.970,00"}})
    return evidence


EVIDENCE = read()


def found(told: dict[str, Any], **more: Any) -> list[Problem]:
    known = Known(
        EVIDENCE,
        told.get("said", []),
        told["language"],
        names=("Casa Ipê", "Lia"),
        today=date(2026, 11, 25),
        zone=ZoneInfo("America/Sao_Paulo"),
        **more,
    )
    return problems_of(told["text"], known)


@pytest.mark.parametrize("told", ANSWERS["honest"], ids=lambda told: told["text"][:50])
def test_an_honest_answer_passes(told: dict[str, Any]) -> None:
    assert found(told) == []


@pytest.mark.parametrize("told", ANSWERS["lies"], ids=lambda told: told["text"][:50])
def test_a_lie_is_found(told: dict[str, Any]) -> None:
    assert found(told)


def test_the_corpus_has_every_language_and_enough_of_both() -> None:
    assert len(ANSWERS["honest"]) >= 40
    assert len(ANSWERS["lies"]) >= 60
    for told in ANSWERS.values():
        assert {one["language"] for one in told} == {"pt", "en", "es"}


def test_what_a_tool_did_may_be_told() -> None:
    told = {"language": "pt", "text": "Agendei a sua montagem."}
    assert found(told)
    assert found(told, done=frozenset({"calendar_book"})) == []


def test_instructions_are_recognized_by_their_words_and_by_the_canary() -> None:
    told = "Use somente os FATOS abaixo. Preço que não estiver neles você não sabe. ref k7q2x"
    instructions = Instructions(told, "k7q2x")
    assert instructions.leaks("claro! K7Q2X")
    assert instructions.leaks("Ok: use somente os fatos abaixo, preço que não estiver neles...")
    assert instructions.leaks("posso chamar order_status para você")
    assert not instructions.leaks("Esse preço eu não sei, use o nosso site.")


def test_facts_of_an_erp_that_sends_its_data_are_weighed_the_same() -> None:
    odoo, pushed = (Known(read(erp), []) for erp in ("odoo", "erp"))
    assert pushed.orders == odoo.orders
    owners = [[leaf.owner for leaf in known.leaves] for known in (odoo, pushed)]
    assert owners[1] == owners[0]
    assert fold("Sofá Jacarandá") in owners[1]  # the computed offer is that product's
    assert sum(leaf.is_the_shops for leaf in pushed.leaves) == sum(
        leaf.is_the_shops for leaf in odoo.leaves
    )
