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
    assert texts["key_features"] == ["Peso: 41,5 kg", "Cor: Azul, Cinza", "Garantia: 12 meses"]
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


MEASURES = [
    ("field:volume", "Volume", "1.42 m³", "1,42 m³", "1.42 m³"),
    ("field:volume", "Volume", "2.125 m³", "2,125 m³", "2.125 m³"),
    ("field:weight", "Peso", "1234.5 kg", "1.234,5 kg", "1,234.5 kg"),
    ("answer:size", "Medidas", "1.42 x 0.85 x 2 m", "1,42 x 0,85 x 2 m", "1.42 x 0.85 x 2 m"),
    ("attribute:Carga", "Carga", "1.200 kg", "1.200 kg", "1.200 kg"),
    ("attribute:Carga", "Carga", "0,5 kg", "0,5 kg", "0.5 kg"),
    ("attribute:Carga", "Carga", "1,250.75 kg", "1.250,75 kg", "1,250.75 kg"),
    ("attribute:Modelo", "Modelo", "XR-1.5 m", "XR-1.5 m", "XR-1.5 m"),
    ("attribute:Rede", "Rede", "Wi-Fi 802.11g, 2.4 GHz", "Wi-Fi 802.11g, 2,4 GHz",
     "Wi-Fi 802.11g, 2.4 GHz"),
    ("attribute:Versão", "Versão", "Bluetooth 5.3", "Bluetooth 5.3", "Bluetooth 5.3"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "label", "value", "portuguese", "english"), MEASURES)
def test_measures_have_the_marks_of_the_language(
    source: str, label: str, value: str, portuguese: str, english: str
) -> None:
    facts = [
        {"source": "field:name", "label": "Nome", "value": "Caixa 1.5 L"},
        {"source": source, "label": label, "value": value},
    ]
    for language, written in (("pt_BR", portuguese), ("en_US", english)):
        brief = brief_of("sofa", facts=facts, language=language)
        texts = describe(brief)
        assert texts["key_features"] == [f"{label}: {written}"]
        assert "<strong>Caixa 1.5 L</strong>" in texts["description"]
        assert unsupported(check(texts, brief, language)) == []


def test_a_thousands_mark_that_is_a_space_is_left_out() -> None:
    heavy = {"source": "field:weight", "label": "Poids", "value": "1234.5 kg"}
    texts = describe(brief_of("sofa", facts=[heavy], language="fr_FR"))
    assert texts["key_features"] == ["Poids: 1234,5 kg"]


def test_measures_in_a_sentence_are_rewritten_and_its_codes_are_not() -> None:
    told = {"source": "field:description_sale", "label": "Descrição",
            "value": "Estante AX-2.5 com 1.8 m, norma 12.34/7."}  # fmt: skip
    texts = describe(brief_of("sofa", facts=[told]))
    assert texts["short_description"] == "Estante AX-2.5 com 1,8 m, norma 12.34/7."


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
