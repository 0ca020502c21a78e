"""The claim check: lies in three languages are marked, honest texts are not."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.claims.check import Claim, check, unsupported
from sidecar.crews.product_texts import mended
from tests.claims import FEATURES, HONEST, LIES, brief_of, language_of

SHOP = ["Casa Ipê"]
ODOO = ["pt_BR", "es_ES", "en_US", "de_DE"]  # languages as Odoo names them


def claims_of(product: str, text: str, part: str = "description", **brief: object) -> list[Claim]:
    told = [text] if part in ("key_features", "use_cases", "tags") else text
    return check({part: told}, brief_of(product, **brief), language_of(product), SHOP)


def test_there_are_enough_cases_in_each_language() -> None:
    for cases in (LIES, HONEST):
        spoken = [language_of(case[0])[:2] for case in cases]
        assert len(cases) >= 20
        assert all(spoken.count(code) >= 7 for code in ("pt", "es", "en"))


@pytest.mark.parametrize(("product", "kind", "lie"), LIES)
def test_a_lie_is_marked_with_its_kind(product: str, kind: str, lie: str) -> None:
    for part in ("description", "short_description", "key_features", "meta_description"):
        marked = unsupported(claims_of(product, lie, part))
        assert kind in {claim.kind for claim in marked}, part
        for claim in marked:
            assert claim.source == ""
            assert claim.text in lie


@pytest.mark.parametrize(("product", "kind", "lie"), LIES[::6])
def test_a_lie_among_honest_sentences_is_marked_alone(product: str, kind: str, lie: str) -> None:
    honest = [text for name, text in HONEST if name == product]
    markup = f"<p>{honest[0]}</p><ul><li>{lie}</li></ul><p>{honest[1]}</p>"
    marked = unsupported(claims_of(product, markup))
    assert kind in {claim.kind for claim in marked}
    assert all(claim.text in lie for claim in marked)


@pytest.mark.parametrize(("product", "text"), HONEST)
def test_an_honest_text_is_not_marked(product: str, text: str) -> None:
    for part in ("description", "short_description", "meta_description"):
        assert unsupported(claims_of(product, text, part)) == []


@pytest.mark.parametrize(("product", "text"), FEATURES)
def test_an_honest_feature_is_not_marked(product: str, text: str) -> None:
    assert unsupported(claims_of(product, text, "key_features")) == []


def test_every_claim_names_the_fact_it_comes_from() -> None:
    found = claims_of("sofa", "Linho azul, 41,5 kg, 3 lugares e garantia de 1 ano.")
    assert {(claim.text, claim.kind): claim.source for claim in found} == {
        ("Linho", "material"): "field:description_sale",
        ("azul", "other"): "attribute:Cor",
        ("41,5 kg", "size"): "field:weight",
        ("3 lugares", "number"): "field:description_sale",
        ("garantia de 1 ano", "warranty"): "answer:warranty",
    }
    assert [claim.as_dict()["part"] for claim in found] == ["description"] * 5


def test_shop_talk_claims_nothing() -> None:
    assert claims_of("sofa", "Ideal para reunir a família e os amigos.") == []


def test_no_is_not_yes() -> None:
    no_leather = {"facts": [{"source": "field:name", "label": "Nome", "value": "Bolsa sem couro"}]}
    assert unsupported(claims_of("sofa", "Não leva couro.", **no_leather)) == []
    assert unsupported(claims_of("sofa", "Bolsa de couro.", **no_leather))
    assert unsupported(claims_of("speaker", "Compatible with Alexa."))
    assert unsupported(claims_of("speaker", "Not compatible with Siri."))


def test_a_fact_in_another_language_counts() -> None:
    facts = [
        {"source": "field:name", "label": "Name", "value": "Harbor"},
        {"source": "answer:1", "label": "Material", "value": "Solid wood, stainless steel"},
        {"source": "answer:2", "label": "Warranty", "value": "24 months"},
    ]
    text = "Madeira maciça e aço inox, com garantia de 2 anos."
    assert unsupported(claims_of("sofa", text, facts=facts)) == []
    assert unsupported(claims_of("sofa", "Garantia de 3 anos.", facts=facts))


def test_names_and_codes_must_stand_in_a_fact() -> None:
    assert unsupported(claims_of("sofa", "Um sofá com espuma da marca Ortobom."))
    assert unsupported(claims_of("drill", "Es el modelo TP-950."))
    assert unsupported(claims_of("drill", "Es el modelo TP-750.")) == []
    assert unsupported(claims_of("sofa", "O sofá da Casa Ipê.")) == []  # the shop itself


@pytest.mark.parametrize("language", ["fr_FR", "de_DE", "ja_JP"])
def test_figures_and_codes_are_checked_in_any_language(language: str) -> None:
    brief = brief_of("speaker")
    assert not unsupported(check({"description": "20 W, 12 h, IP67"}, brief, language))
    found = check({"description": "30 W, 24 h, IP68"}, brief, language)
    assert {claim.text for claim in unsupported(found)} == {"30 W", "24 h", "IP68"}


def test_a_language_without_a_lexicon_is_judged_by_what_is_alike_everywhere() -> None:
    text = "L'enceinte Aria accompagne vos journées avec un son chaleureux et généreux. Garantie"
    brief = brief_of("speaker")
    honest = {"description": f"{text} de 1 an. Bluetooth 5.3.", "key_features": ["Légère, mobile"]}
    assert unsupported(check(honest, brief, "fr_FR")) == []
    lying = check({"description": f"{text} 5 ans. NFC, FSC."}, brief, "fr_FR")
    assert {claim.kind for claim in unsupported(lying)} >= {"other", "certification"}


def test_a_brief_without_facts_supports_nothing() -> None:
    assert unsupported(claims_of("sofa", "Sofá de linho, 3 lugares.", facts=[]))
    assert claims_of("sofa", "", facts=[]) == []


def test_a_fact_of_hostile_size_is_read_in_time() -> None:
    def hostile() -> Iterator[dict[str, str]]:
        yield {"source": "document:1", "label": "a" * 5000, "value": "1 x " * 50_000}
        yield {"source": "document:2", "label": "", "value": "garantia sem " * 20_000}
        yield {"source": "document:3", "label": "(", "value": "<p" * 20_000 + "-" * 20_000}

    assert unsupported(claims_of("sofa", "Garantia de 9 anos.", facts=list(hostile())))


def test_a_flood_of_claims_keeps_those_without_a_fact() -> None:
    text = " ".join(f"Tem {n} kg." for n in range(1, 1500))
    found = claims_of("sofa", f"Linho. {text}")
    assert len(found) == 400
    assert len(unsupported(found)) == 400
    (long,) = claims_of("sofa", "Possui " + "mecanismo hidráulico " * 200)
    assert len(long.text) == 1000


_WORDS = st.sampled_from(
    ["garantia", "de", "5", "anos", "220", "x", "90", "cm", "sem", "couro", "compatible with", ".",
     "R$", "IP67", "<b>", "&", "ção", "İ", "ß", "\n", "1.500,00", "not", "Ortobom", "4K", "%"]
)  # fmt: skip


@given(st.lists(st.one_of(_WORDS, st.text(max_size=5)), max_size=25), st.sampled_from(ODOO))
def test_whatever_is_written_each_claim_stands_in_it(words: list[str], language: str) -> None:
    text = " ".join(words)
    facts = [{"source": "field:x", "label": text[:50], "value": text[::-1]}]
    for claim in check({"short_description": text}, brief_of("sofa", facts=facts), language):
        assert claim.text in text
        assert claim.supported == bool(claim.source)
    own = [{"source": "field:x", "label": "", "value": text}]
    check({"tags": words}, brief_of("sofa", facts=own), language)


@pytest.mark.parametrize(("product", "text"), HONEST + FEATURES)
def test_an_honest_text_with_one_figure_changed_is_marked(product: str, text: str) -> None:
    for number in re.finditer(r"\d+", text):
        changed = f"{text[: number.start()]}{int(number.group()) + 9}{text[number.end() :]}"
        assert unsupported(claims_of(product, changed)), changed


@pytest.mark.parametrize(
    "word",
    ["c\u043euro", "co\u00aduro", "co\u200buro", "ｃｏｕｒｏ", "co\u0308uro"],
    ids=["cyrillic", "soft hyphen", "no width", "full width", "combined"],
)
def test_letters_that_only_look_like_these_hide_nothing(word: str) -> None:
    brief = brief_of("sofa")
    texts = mended({"description": f"<p>Estofado em {word}.</p>", "tags": [word]}, brief)
    found = unsupported(check(texts, brief, "pt_BR"))
    assert {(claim.part, claim.kind) for claim in found} == {
        ("description", "material"),
        ("tags", "material"),
    }


def test_a_products_name_does_not_say_what_it_is_made_of() -> None:
    name = {"source": "field:name", "label": "Nome", "value": "Sofá Jacarandá"}
    brief = brief_of("sofa", facts=[name])
    assert unsupported(check({"description": "Pés de madeira."}, brief, "pt_BR"))
    told = [name, {"source": "field:x", "label": "Pés", "value": "Mogno"}]
    assert not unsupported(
        check({"description": "Pés de madeira."}, brief_of("sofa", facts=told), "pt_BR")
    )


def test_a_warranty_of_one_year_is_not_one_of_three_months() -> None:
    fact = {"source": "answer:warranty", "label": "Garantia", "value": "3 meses"}
    for text in ("Garantia de um ano.", "Um ano de garantia."):
        assert unsupported(check({"description": text}, brief_of("sofa", facts=[fact]), "pt_BR"))
    year = {**fact, "value": "um ano"}
    for text in ("Garantia de um ano.", "Garantia de 12 meses."):
        brief = brief_of("sofa", facts=[year])
        assert not unsupported(check({"description": text}, brief, "pt_BR"))
