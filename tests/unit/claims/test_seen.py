"""What a picture tells: colors and shapes where the facts are silent, and nothing else."""

import pytest

from sidecar.claims.check import Claim, check, unsupported
from tests.claims import HONEST, LIES, brief_of, language_of

PARTS = ("description", "short_description", "key_features", "meta_description")
NAMES = {"pt_BR": "Cadeira Jatobá", "es_ES": "Silla Ceibo", "en_US": "Harbor Chair"}


def seen(text: str, language: str, part: str = "description", *facts: str) -> list[Claim]:
    """The claims of a text by somebody who saw the picture of a product with few facts."""
    told = [text] if part == "key_features" else text
    named = ["Nome: " + NAMES[language], *facts]
    brief = {
        "facts": [
            {
                "source": f"field:{n or 'name'}",
                "label": fact.split(": ")[0],
                "value": fact.split(": ")[1],
            }
            for n, fact in enumerate(named)
        ]
    }
    return check({part: told}, brief, language, seen=True)


def kinds_and_sources(claims: list[Claim]) -> set[tuple[str, str, str]]:
    return {(claim.text.lower(), claim.kind, claim.source) for claim in claims}


@pytest.mark.parametrize(("product", "kind", "lie"), LIES)
def test_no_lie_is_helped_by_a_picture(product: str, kind: str, lie: str) -> None:
    brief, language = brief_of(product), language_of(product)
    for part in PARTS:
        told = [lie] if part == "key_features" else lie
        found = check({part: told}, brief, language, seen=True)
        assert kind in {claim.kind for claim in unsupported(found)}, part
        assert {claim.kind for claim in found if claim.source == "image"} <= {"other"}


@pytest.mark.parametrize(("product", "text"), HONEST)
def test_an_honest_text_stays_honest(product: str, text: str) -> None:
    found = check({"description": text}, brief_of(product), language_of(product), seen=True)
    assert unsupported(found) == []


@pytest.mark.parametrize(
    ("language", "text", "color", "shape"),
    [
        ("pt_BR", "Cadeira branca de encosto arredondado.", "branca", "arredondado"),
        ("es_ES", "Silla blanca de respaldo curvo.", "blanca", "curvo"),
        ("en_US", "A white chair with a curved back.", "white", "curved"),
    ],
)
def test_colors_and_shapes_stem_from_the_picture(
    language: str, text: str, color: str, shape: str
) -> None:
    for part in PARTS:
        found = seen(text, language, part)
        assert unsupported(found) == [], part
        assert {(color, "other", "image"), (shape, "other", "image")} <= kinds_and_sources(found)
    brief = {"facts": [{"source": "field:name", "label": "Nome", "value": NAMES[language]}]}
    assert color in {c.text for c in unsupported(check({"description": text}, brief, language))}


@pytest.mark.parametrize(
    ("language", "lie", "kind"),
    [
        ("pt_BR", "Cadeira branca de madeira", "material"),
        ("pt_BR", "Cadeira branca com 45 cm", "size"),
        ("pt_BR", "Conjunto branco de 4 cadeiras", "number"),
        ("pt_BR", "Cadeira preta com selo do Inmetro", "certification"),
        ("pt_BR", "Cadeira redonda com garantia de 2 anos", "warranty"),
        ("pt_BR", "Base preta compatível com Tok", "compatibility"),
        ("pt_BR", "Cadeira branca impermeável", "other"),
        ("es_ES", "Silla negra de cuero", "material"),
        ("es_ES", "Silla blanca de 12 kg", "size"),
        ("es_ES", "Silla redonda con certificación ISO 9001", "certification"),
        ("en_US", "White leather chair", "material"),
        ("en_US", "Round chair, 18 inches", "size"),
        ("en_US", "Golden oak, FSC", "certification"),
        ("en_US", "A white chair by Herman Miller", "other"),
    ],
)
def test_a_picture_tells_no_measure_no_material_and_no_mark(
    language: str, lie: str, kind: str
) -> None:
    for part in (*PARTS, "image_alt"):
        found = seen(lie, language, part)
        assert kind in {claim.kind for claim in unsupported(found)}, part
        assert {claim.kind for claim in found if claim.source == "image"} <= {"other"}


def test_the_facts_come_first() -> None:
    facts = ("Cor: Azul", "Formato: Quadrado")
    found = kinds_and_sources(seen("Cadeira azul quadrada.", "pt_BR", "description", *facts))
    assert found == {("azul", "other", "field:1"), ("quadrada", "other", "field:2")}
    contrary = seen("Cadeira verde redonda.", "pt_BR", "description", *facts)
    assert {claim.text for claim in unsupported(contrary)} == {"verde", "redonda"}
    turquoise = seen("Cadeira verde.", "pt_BR", "description", "Cor: Turquesa")
    assert unsupported(turquoise)  # a color that no lexicon knows is told all the same


def test_the_images_own_text_may_say_what_else_is_there() -> None:
    text = "Cadeira azul em sala de estar, junto a uma parede branca"
    found = seen(text, "pt_BR", "image_alt", "Cor: Azul")
    assert kinds_and_sources(found) == {
        ("azul", "other", "field:1"),
        ("sala de estar", "other", "image"),
        ("parede", "other", "image"),
        ("branca", "other", "image"),
    }
    talk = seen("Para a sala de estar.", "pt_BR", "description")
    assert talk == []  # elsewhere a room is shop talk


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt_BR", "Chá verde."),
        ("pt_BR", "Bala sabor laranja."),
        ("pt_BR", "Sem detalhes brancos."),
        ("es_ES", "Aroma de café."),
        ("es_ES", "Vino blanco."),
        ("en_US", "Green tea."),
        ("en_US", "Saves green energy."),
    ],
)
def test_a_color_that_names_a_kind_is_not_seen(language: str, text: str) -> None:
    found = seen(text, language)
    assert unsupported(found)
    assert not any(claim.source == "image" for claim in found)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Motor redondo", "key_features"),
        ("Carregador branco", "key_features"),
        ("Tem motor redondo.", "description"),
        ("Tampo redondo torneado por monges usando antigas lendas lunares.", "description"),
    ],
)
def test_what_is_seen_vouches_for_no_other_word(text: str, part: str) -> None:
    assert unsupported(seen(text, "pt_BR", part))


def test_areas_are_no_shapes() -> None:
    assert not any(
        claim.source == "image"
        for claim in [
            *seen("Cobre dez metros quadrados.", "pt_BR"),
            *seen("Covers ten square meters.", "en_US"),
        ]
    )


@pytest.mark.parametrize("language", ["fr_FR", "de_DE", "ja_JP"])
def test_in_a_language_without_words_the_picture_tells_nothing(language: str) -> None:
    brief = brief_of("speaker")
    texts = {"description": "Blanc, rond. 30 W", "image_alt": "weiß, 30 W"}
    assert check(texts, brief, language, seen=True) == check(texts, brief, language)
