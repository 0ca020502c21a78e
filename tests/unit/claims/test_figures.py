"""Figures in texts: units brought together, roles, counts, numbers as each language writes them."""

import pytest

from sidecar.claims.figures import fact_figures, figures


def told(text: str, label: str, value: str, language: str = "pt") -> bool:
    """Whether the fact tells every figure of the text."""
    facts = fact_figures(label, value, language)
    found = figures(text, language)
    assert found
    return all(any(one.told_by(fact) for fact in facts) for one in found)


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("2,20 m", "Largura", "220 cm"),
        ("2200 mm", "Largura", "220 cm"),
        ("41,5 kg", "Peso", "41.5"),
        ("41.500 g", "Peso (kg)", "41,5"),
        ("1.500 W", "Potência", "1,5 kW"),
        ("500 ml", "Conteúdo", "0,5 L"),
        ("24 meses", "Garantia", "2 anos"),
        ("duas semanas", "Prazo", "14 dias"),
        ("220 x 90 cm", "Medidas", "2,2 m x 0,9 m"),
        ("de 2 a 3 kg", "Peso", "2 kg ou 3 kg"),
        ("5A", "Corrente", "5 A ou 5A"),
        ("110/220 V", "Tensão", "Bivolt: 110 V e 220 V"),
        ("140 cm", "Tela", "55 polegadas"),
        ("cerca de 42 kg", "Peso", "41,5 kg"),
        ("três gavetas", "Gavetas", "3"),
        ("para 3 pessoas", "Lugares", "3"),
        ("100% algodão", "Composição", "100% algodão"),
        ("R$ 2.790,00", "Preço", "R$ 2790"),
        ("0,125 mm", "Espessura", "0.125 mm"),
        ("Bluetooth 5.3", "Texto", "com Bluetooth 5.3 e fone"),
    ],
)
def test_the_same_figure_in_other_words(text: str, label: str, value: str) -> None:
    assert told(text, label, value)


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("2,50 m", "Largura", "220 cm"),
        ("220 kg", "Largura", "220 cm"),
        ("4 kg", "Quantidade", "4"),
        ("3 portas", "Gavetas", "3"),
        ("42 kg", "Peso", "41,5 kg"),
        ("cerca de 60 kg", "Peso", "41,5 kg"),
        ("24 anos", "Garantia", "24 meses"),
        ("220 x 95 cm", "Medidas", "220 x 90 cm"),
        ("largura de 90 cm", "Medidas", "altura de 90 cm"),
        ("90 cm de altura", "Largura", "90 cm"),
        ("1.500 W", "Potência", "1,6 kW"),
        ("R$ 279", "Preço", "R$ 2.790"),
        ("50%", "Composição", "100% algodão"),
    ],
)
def test_another_figure(text: str, label: str, value: str) -> None:
    assert not told(text, label, value)


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [("1.500", "pt", 1500), ("1.500", "en", 1.5), ("1,500", "en", 1500), ("1,5", "en", 1.5),
     ("1.234.567,8", "es", 1234567.8), ("12.5", "pt", 12.5)],
)  # fmt: skip
def test_numbers_as_the_language_writes_them(text: str, language: str, value: float) -> None:
    (found,) = figures(f"{text} W", language)
    assert found.value == value


def test_words_that_are_numbers_in_another_language_only_are_none() -> None:
    assert figures("Once you sit down", "en") == []
    assert figures("Um dos mais bonitos", "pt") == []
    assert [f.value for f in figures("once puertas y dos llaves", "es")] == [11, 2]


def test_list_marks_are_no_figures() -> None:
    assert figures("1. Abra\n2) Use", "pt") == []


@pytest.mark.parametrize(
    ("language", "text", "dimension", "value"),
    [
        ("pt", "Aguenta duzentos quilos.", "mass", 200),
        ("pt", "Quarenta e um quilos e meio.", "mass", 41.5),
        ("pt", "Dois metros e vinte de largura.", "length", 2.2),
        ("pt", "Dois metros e 20 centímetros.", "length", 2.0),
        ("pt", "Mil e duzentos reais.", "money", 1200),
        ("pt", "Um metro de altura.", "length", 1),
        ("pt", "Sala de 12 metros quadrados.", "area", 12),
        ("es", "Setecientos cincuenta vatios.", "power", 750),
        ("es", "Treinta y cinco años.", "years", 420),
        ("es", "Un kilo y medio.", "mass", 1.5),
        ("es", "Media pulgada.", "length", 0.0127),
        ("en", "Two hundred and fifty watts.", "power", 250),
        ("en", "Twenty-five years.", "years", 300),
        ("en", "Half a meter.", "length", 0.5),
    ],
)
def test_numbers_in_words(language: str, text: str, dimension: str, value: float) -> None:
    first = figures(text, language)[0]
    assert first.dimension == dimension
    assert first.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("language", "text"),
    [("pt", "Uma sala para um dia longo e meia hora de leitura."), ("es", "Una silla, un día."),
     ("en", "One day, one desk.")],
)  # fmt: skip
def test_one_and_half_are_grammar_where_nothing_is_measured(language: str, text: str) -> None:
    assert figures(text, language) == []
