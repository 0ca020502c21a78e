"""A model that lies in three languages, and will not mend it, never gets past the claim check."""

from collections.abc import Iterator
from itertools import groupby

import pytest

from sidecar.hub.hub import Hub
from sidecar.settings import Settings
from tests.claims import HONEST, LIES, brief_of, language_of
from tests.doubles.odoo import OdooDouble
from tests.doubles.openai_api import OpenAIDouble
from tests.integration.studio import answer, envelope, hub_with

PARTS = ["description", "key_features"]


@pytest.fixture
def llm() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble() as double:
        yield double


@pytest.fixture
def hub(settings: Settings, odoo: OdooDouble, llm: OpenAIDouble) -> Hub:
    return hub_with(settings, odoo, llm)


def written(hub: Hub, odoo: OdooDouble, product: str) -> dict:
    odoo.briefs[5] = brief_of(product)
    params = {"product_id": 5, "language": language_of(product), "parts": PARTS}
    return hub.process(envelope("generate_description", params))


def test_no_lie_gets_past(hub: Hub, llm: OpenAIDouble, odoo: OdooDouble) -> None:
    cases = [case for _key, group in groupby(LIES, lambda c: c[:2]) for case in list(group)[:1]]
    assert len(cases) >= 20
    for product, kind, lie in cases:
        llm.brain = lambda _body, lie=lie: answer(lie, PARTS, key_features=[lie])
        result = written(hub, odoo, product)
        for part in PARTS:
            marked = [c for c in result["claims"] if c["part"] == part and not c["supported"]]
            assert kind in {claim["kind"] for claim in marked}, (part, lie)
            assert all(claim["source"] == "" for claim in marked)
    assert len(llm.requests) == 2 * len(cases)  # each was asked once to mend it


def test_honest_texts_are_taken_as_they_are(hub: Hub, llm: OpenAIDouble, odoo: OdooDouble) -> None:
    cases = HONEST[::2]
    assert len(cases) >= 20
    flagged = []
    for product, text in cases:
        llm.brain = lambda _body, text=text: answer(text, PARTS)
        result = written(hub, odoo, product)
        flagged += [claim for claim in result["claims"] if not claim["supported"]]
    print(f"false positives: {len(flagged)} of {len(cases)}")
    assert flagged == []
    assert len(llm.requests) == len(cases)
