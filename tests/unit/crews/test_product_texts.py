"""What code mends in a product's texts, and what it refuses to read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.crews.clean_html import balanced, clean_html
from sidecar.crews.product_style import style_lines
from sidecar.crews.product_texts import LONGEST, PARTS, cut, faults, mended, read, schema
from tests.claims import brief_of


def with_voice(**voice: object) -> dict:
    return brief_of("sofa", voice=voice)


@pytest.mark.parametrize(
    ("markup", "clean"),
    [
        ("<div><b>Oi</b><script>x()</script> tudo</div>", "<p><strong>Oi</strong> tudo</p>"),
        ("só texto", "<p>só texto</p>"),
        ("<li>a<li>b", "<ul><li>a</li><li>b</li></ul>"),
        ("<p>a<p>b</b></p>", "<p>a</p><p>b</p>"),
        ("<p>a <em>b", "<p>a <em>b</em></p>"),
        ("<img src=x onerror=y><p>a</p>", "<p>a</p>"),
        ('<p onclick="x" style="color:red">a</p>', "<p>a</p>"),
        ("<a href='javascript:x'>k</a>", "<p>k</p>"),
        ("&lt;script&gt;x&lt;/script&gt;", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("<h1>T</h1><p></p><br>", "<h3>T</h3>"),
        ("<svg><style>p{}</style></svg><p>a<br/>b</p>", "<p>a<br/>b</p>"),
        ("a <strong>", "<p>a</p>"),
        ("", ""),
    ],
)
def test_only_clean_html_is_left(markup: str, clean: str) -> None:
    assert clean_html(markup) == clean


_TAGS = ["p", "ul", "li", "strong", "script", "div", "br", "h2", "a", "p onclick=x", "x"]
_PIECES = st.sampled_from([f"<{tag}>" for tag in _TAGS] + [f"</{tag}>" for tag in _TAGS])


@given(st.lists(st.one_of(_PIECES, st.text("a<&>\" '", max_size=4)), max_size=25))
def test_whatever_comes_in_the_html_is_well_formed_and_stays_so(pieces: list[str]) -> None:
    clean = clean_html("".join(pieces))
    assert balanced(clean)
    assert "onclick" not in clean.replace("&lt;", "<").partition("onclick=")[0]
    assert "<script" not in clean
    assert clean_html(clean) == clean


def test_lists_lose_what_is_there_twice_or_empty() -> None:
    texts = mended({"tags": ["Sala", " sala ", "", "<b>Linho</b>", "SALA"]}, brief_of("sofa"))
    assert texts == {"tags": ["Sala", "Linho"]}
    assert len(mended({"tags": [str(n) for n in range(99)]}, brief_of("sofa"))["tags"]) == 12


@pytest.mark.parametrize("part", sorted(LONGEST))
def test_what_is_too_long_is_cut_between_words(part: str) -> None:
    text = mended({part: "palavra " * 90}, brief_of("sofa"))[part]
    assert len(text) <= LONGEST[part]
    assert set(text.split()) == {"palavra"}


def test_a_cut_leaves_no_dangling_mark() -> None:
    assert cut("Sofá azul – três lugares", 13) == "Sofá azul"
    assert cut("a" * 20, 10) == "a" * 10


def test_sentences_with_banned_words_go() -> None:
    brief = with_voice(banned=["barato", "preço baixo"])
    texts = {
        "short_description": "Sofá de linho. É BARATO!",
        "description": "<p>Muito <strong>Barato</strong>. Bom &amp; belo.</p><ul><li>Preço  baixo"
        "</li><li>Linho</li></ul>",
        "seo_title": "Sofá barato",
    }
    assert mended(texts, brief) == {
        "short_description": "Sofá de linho.",
        "description": "<p>Bom &amp; belo.</p><ul><li>Linho</li></ul>",
        "seo_title": "Sofá",
    }
    assert mended({"tags": ["baratose"]}, brief) == {"tags": ["baratose"]}  # another word


@pytest.mark.parametrize(
    "contact",
    ["https://x.io/a", "www.loja.com", "fale@loja.com.br", "+55 11 99999-0000", "(11) 98888-7777"],
)
def test_links_and_contacts_go(contact: str) -> None:
    text = f"Sofá de linho. Peça em {contact} já."
    assert mended({"meta_description": text}, brief_of("sofa")) == {
        "meta_description": "Sofá de linho."
    }
    assert contact not in mended({"description": text}, brief_of("sofa"))["description"]


def test_the_houses_words_stand_in_place_of_others() -> None:
    brief = brief_of("sofa", glossary=[{"source": "tufted", "target": r"capitonê \1"}])
    assert mended({"tags": ["Tufted", "tuftedly"]}, brief) == {"tags": [r"capitonê \1", "tuftedly"]}


def test_faults_are_named_for_the_model() -> None:
    brief = with_voice(banned=["barato"], required=["aconchego"])
    texts = {"seo_title": "s" * 61, "description": "<p>barato<b></p>", "tags": []}
    assert set(faults(texts, brief)) == {
        ("banned", "barato"),
        ("required", "aconchego"),
        ("too_long", "seo_title"),
        ("broken_html", "description"),
    }
    assert faults({"description": "<p>Um aconchego.</p>"}, brief) == []


@pytest.mark.parametrize(
    "told",
    ["", "[]", "null", "{", '{"tags": "a"}', '{"tags": [1]}', '{"seo_title": "a"}',
     '{"tags": [], "seo_title": " "}', '{"tags": [], "seo_title": ["a"]}'],
)  # fmt: skip
def test_another_shape_is_not_read(told: str) -> None:
    assert read(told, ["tags", "seo_title"]) is None


def test_the_right_shape_is_read_with_or_without_a_fence() -> None:
    told = {"tags": ["a"], "seo_title": "b", "more": 1}
    for text in (json.dumps(told), f"```json\n{json.dumps(told)}\n```"):
        assert read(text, ["tags", "seo_title"]) == {"tags": ["a"], "seo_title": "b"}


def test_the_schema_names_exactly_the_parts() -> None:
    shape = schema(PARTS)["json_schema"]["schema"]
    assert tuple(shape["properties"]) == tuple(shape["required"]) == PARTS
    assert shape["additionalProperties"] is False


def test_a_glossary_is_applied_once_and_never_to_the_markup() -> None:
    words = ("linho", "linho belga"), ("belga", "linho"), ("p", "<b>x</b>"), ("LINHO", "couro")
    terms = [{"source": source, "target": target} for source, target in words]
    brief = brief_of("sofa", glossary=terms)
    told = mended({"description": "<p>Em linho.</p>", "tags": ["linho"]}, brief)
    assert told == {"description": "<p>Em linho belga.</p>", "tags": ["linho belga"]}


def test_what_is_banned_is_not_asked_for() -> None:
    brief = brief_of("sofa", voice={"banned": ["linho"], "required": ["linho belga", "azul"]})
    assert faults({"description": "<p>Um sofá.</p>"}, brief) == [("required", "azul")]
    lines = "\n".join(style_lines(brief, "pt"))
    assert "Use estas palavras: azul" in lines
    assert "linho belga" not in lines
