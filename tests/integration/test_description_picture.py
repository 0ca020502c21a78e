"""The product writer sees: the picture reaches the model, and tells colors and shapes only."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from xmlrpc.client import Fault

import pytest

from sidecar.hub.hub import Hub
from sidecar.settings import Settings
from tests.claims import LIES, brief_of, language_of
from tests.doubles.odoo import OdooDouble
from tests.doubles.openai_api import OpenAIDouble, compose
from tests.facts import product_facts
from tests.integration.studio import (
    answer,
    asked_of,
    envelope,
    hub_with,
    pictures_of,
    plain_text,
)

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"pixels").decode()
SHOWN = {"mimetype": "image/png", "data": PNG}
IMAGE = {"url": "https://shop.example/web/image/5", "mimetype": "image/png"}
NAMED = [{"source": "field:name", "label": "Nome", "value": "Cadeira Jatobá"}]


@pytest.fixture
def llm() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    brief = brief_of("sofa", facts=NAMED, image=IMAGE)
    with OdooDouble(briefs={5: brief}, images={5: SHOWN}, products=[product_facts()]) as double:
        yield double


@pytest.fixture
def hub(settings: Settings, odoo: OdooDouble, llm: OpenAIDouble) -> Hub:
    return hub_with(settings.model_copy(update={"vision": True}), odoo, llm)


def write(hub: Hub, **params: Any) -> Any:
    return hub.process(envelope("generate_description", {"product_id": 5} | params))


def asked(odoo: OdooDouble) -> set[str]:
    return {name for name, _arguments in odoo.calls}


def test_a_model_that_sees_is_shown_the_picture(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble
) -> None:
    llm.brain = lambda _body: answer(
        "Cadeira branca.", image_alt="Cadeira branca em sala de estar, parede azul"
    )
    result = write(hub)
    (request,) = llm.requests
    assert pictures_of(request) == [f"data:image/png;base64,{PNG}"]
    assert request["body"]["messages"][-1]["content"][1]["image_url"]["detail"] == "low"
    assert "FOTO do produto" in asked_of(request)
    assert "Cadeira Jatobá" in asked_of(request)
    assert result["writer"] == "llm"
    assert "picture" in result["prompt_version"]
    told = {(claim["part"], claim["text"]) for claim in result["claims"]}
    assert told >= {
        ("description", "branca"),
        ("image_alt", "branca"),
        ("image_alt", "sala de estar"),
        ("image_alt", "azul"),
    }
    for claim in result["claims"]:
        assert (claim["source"], claim["kind"], claim["supported"]) == ("image", "other", True)
    assert dict(odoo.calls)["product_image"] == (5,)
    assert PNG not in json.dumps(result)


@pytest.mark.parametrize(
    ("language", "word"), [("pt_BR", "FOTO"), ("es_MX", "la FOTO"), ("en_US", "PICTURE")]
)
def test_each_language_says_what_may_be_seen(
    hub: Hub, llm: OpenAIDouble, language: str, word: str
) -> None:
    llm.brain = lambda _body: answer("–")
    write(hub, language=language)
    assert word in asked_of(llm.requests[0])


def test_a_model_that_does_not_see_is_not_shown_it(
    settings: Settings, llm: OpenAIDouble, odoo: OdooDouble
) -> None:
    llm.brain = lambda _body: answer("Cadeira branca.")
    result = write(hub_with(settings, odoo, llm))
    assert "product_image" not in asked(odoo)
    assert [pictures_of(request) for request in llm.requests] == [[], []]
    assert "FOTO" not in asked_of(llm.requests[0])
    assert "picture" not in result["prompt_version"]
    (claim,) = [c for c in result["claims"] if c["text"] == "branca"]
    assert (claim["source"], claim["supported"]) == ("", False)


def test_what_has_no_picture_is_not_asked_for_one(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble
) -> None:
    odoo.briefs[5]["image"] = False
    llm.brain = lambda _body: answer("–")
    write(hub)
    assert "product_image" not in asked(odoo)
    assert pictures_of(llm.requests[0]) == []


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"mimetype": "image/svg+xml", "data": base64.b64encode(b"<svg/>").decode()},
        {"mimetype": "image/png", "data": "no base64!"},
        {"mimetype": "image/png", "data": base64.b64encode(b"GIF89a").decode()},
        {"mimetype": "image/png"},
        {"mimetype": ["image/png"], "data": PNG},
        ["image/png"],
        {"mimetype": "image/jpeg", "data": base64.b64encode(b"\xff\xd8\xff" * 170_000).decode()},
        {"mimetype": 'image/png;x="', "data": PNG},
    ],
)
def test_what_is_no_small_picture_is_not_shown(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble, told: Any
) -> None:
    odoo.images[5] = told
    llm.brain = lambda _body: answer("–")
    assert write(hub)["writer"] == "llm"
    assert pictures_of(llm.requests[0]) == []


def test_an_erp_that_cannot_show_it_costs_no_text(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble
) -> None:
    llm.brain = lambda _body: answer("–")
    odoo.faults["product_image"] = Fault(1, "Traceback: boom")
    assert write(hub)["writer"] == "llm"
    odoo.missing = {"product_image"}  # an older studio
    assert write(hub)["writer"] == "llm"
    odoo.missing = {"product_image", "writing_briefs"}  # none at all
    assert write(hub)["writer"] == "llm"
    assert not any(pictures_of(request) for request in llm.requests)


def test_an_api_that_refuses_pictures_is_asked_without(hub: Hub, llm: OpenAIDouble) -> None:
    llm.fail(400, count=2)  # with a schema, and as plain JSON
    llm.brain = lambda _body: answer("Cadeira branca.")
    result = write(hub)
    assert [bool(pictures_of(request)) for request in llm.requests] == [True, True, False, False]
    assert result["writer"] == "llm"
    assert "picture" not in result["prompt_version"]
    assert [c["supported"] for c in result["claims"] if c["text"] == "branca"] == [False]


@pytest.mark.parametrize("status", [401, 429, 500])
def test_another_failure_is_no_matter_of_the_picture(
    hub: Hub, llm: OpenAIDouble, status: int
) -> None:
    llm.fail(status, count=9)
    assert write(hub)["writer"] == "extractive"
    assert all(pictures_of(request) for request in llm.requests)


def test_the_extractive_text_stands_on_facts_alone(hub: Hub, llm: OpenAIDouble) -> None:
    llm.brain = lambda _body: "not json"
    result = write(hub)
    assert (result["writer"], result["prompt_version"]) == ("extractive", "")
    assert not any(claim["source"] == "image" for claim in result["claims"])


def test_mending_shows_the_picture_again(hub: Hub, llm: OpenAIDouble) -> None:
    llm.script(answer("Cadeira branca de couro."), answer("Cadeira branca."))
    result = write(hub)
    assert plain_text(result) == "Cadeira branca."
    assert [len(pictures_of(request)) for request in llm.requests] == [1, 1]
    roles = [message["role"] for message in llm.requests[1]["body"]["messages"]]
    assert roles[-3:] == ["user", "assistant", "user"]
    assert isinstance(llm.requests[1]["body"]["messages"][-3]["content"], list)


def test_no_lie_gets_past_with_a_picture(hub: Hub, llm: OpenAIDouble, odoo: OdooDouble) -> None:
    checked = {"number", "size", "material", "certification", "compatibility", "warranty"}
    cases = [case for case in LIES if case[1] in checked][::2]
    assert {case[1] for case in cases} == checked
    assert {language_of(case[0])[:2] for case in cases} == {"pt", "es", "en"}
    parts = ["description", "image_alt"]
    for product, kind, lie in cases:
        odoo.briefs[5] = brief_of(product, image=IMAGE)
        llm.brain = lambda _body, lie=lie: answer(lie, parts, image_alt=lie)
        params = {"product_id": 5, "language": language_of(product), "parts": parts}
        result = hub.process(envelope("generate_description", params))
        marked = {(c["part"], c["kind"]) for c in result["claims"] if not c["supported"]}
        assert marked >= {(part, kind) for part in parts}, lie
        seen = {c["kind"] for c in result["claims"] if c["source"] == "image"}
        assert seen <= {"other"}, lie
    assert all(pictures_of(request) for request in llm.requests)


def test_the_double_writes_from_facts_beside_a_picture(hub: Hub, llm: OpenAIDouble) -> None:
    llm.brain = compose
    result = write(hub)
    assert result["short_description"] == "Cadeira Jatobá"
    assert [c for c in result["claims"] if not c["supported"]] == []
