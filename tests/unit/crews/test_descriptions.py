"""Without a model: a product's texts are put together from the facts of its brief."""

import pytest

from sidecar.claims.check import check, unsupported
from sidecar.data_proxy.briefs import brief_of as brief_of_facts
from sidecar.llm.descriptions import describe
from tests.claims import brief_of, language_of
from tests.facts import product_facts

PRODUCTS = ["sofa", "serum", "drill", "chair", "speaker", "desk"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_it_says_nothing_that_the_facts_do_not_say(product: str) -> None:
    brief = brief_of(product)
    texts = describe(brief, "Casa Ipê")
    assert unsupported(check(texts, brief, language_of(product), ["Casa Ipê"])) == []
    assert texts == describe(brief, "Casa Ipê")
    assert len(texts["seo_title"]) <= 60
    assert len(texts["meta_description"]) <= 155
    assert len(texts["image_alt"]) <= 125


def test_the_parts_of_a_sofa() -> None:
    texts = describe(brief_of("sofa"), "Casa Ipê")
    assert texts["short_description"] == "Sofá de 3 lugares em linho com pés de madeira."
    assert texts["key_features"] == ["Peso: 41.5 kg", "Cor: Azul, Cinza", "Garantia: 12 meses"]
    assert texts["tags"] == ["Sofás", "Azul", "Cinza"]
    assert texts["seo_title"] == "Sofá Jacarandá – Sofás – Casa Ipê"
    assert texts["image_alt"] == "Sofá Jacarandá, Azul, Cinza"
    assert texts["description"].startswith("<p><strong>Sofá Jacarandá (Sofás)</strong></p>")
    assert "<li>Cor: Azul, Cinza</li>" in texts["description"]


def test_uses_are_told_where_a_fact_names_them() -> None:
    uses = {"source": "answer:use", "label": "Ambiente", "value": "Sala, varanda; escritório."}
    texts = describe(brief_of("sofa", facts=[*brief_of("sofa")["facts"], uses]))
    assert texts["use_cases"] == ["Sala", "varanda", "escritório"]
    assert not any("Ambiente" in feature for feature in texts["key_features"])


def test_html_in_facts_is_only_text() -> None:
    facts = product_facts(sale_text='<b onclick="x()">Linho</b> 🛋️ & conforto. Lavável.')
    texts = describe(brief_of_facts(facts, "pt_BR"))
    assert "<b" not in texts["description"]
    assert "🛋️ &amp; conforto" in texts["description"]
    assert texts["key_features"] == ["Peso: 41,5 kg", "Cor: Azul, Cinza"]


def test_a_product_of_which_only_the_name_is_known() -> None:
    facts = product_facts(
        name="Banco", category="", sale_text="", attributes=[], tags=[], weight=0.0
    )
    texts = describe(brief_of_facts(facts, "en_US"))
    assert texts["short_description"] == "Banco"
    assert texts["description"] == "<p><strong>Banco</strong></p>"
    assert describe(brief_of("sofa", facts=[]), "Casa")["seo_title"] == "Casa – Casa"


def test_long_texts_are_cut_at_sentences() -> None:
    long = {"source": "answer:x", "label": "História", "value": "Uma frase inteira. " * 200}
    texts = describe(brief_of("sofa", facts=[*brief_of("sofa")["facts"], long]))
    assert len(texts["description"]) < 2500
    assert "inteira.</p>" in texts["description"]
    short = describe(brief_of("sofa", facts=[long], voice={"length": "short"}))
    assert "Uma frase" not in short["description"].partition("</p>")[2]
