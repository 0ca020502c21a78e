"""Text for a chat: shaped for a bubble, free of HTML, cut where the channel cuts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.chatwoot.formatting import for_chat, limit_of, plain_text, split_text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("## Sofás\n\nTemos dois.", "**Sofás**\n\nTemos dois."),
        ("# **Sofás**", "**Sofás**"),
        ("* um\n+ dois\n• três", "- um\n- dois\n- três"),
        ("[Sofá](https://loja/sofa)", "Sofá: https://loja/sofa"),
        ("[https://loja](https://loja)", "https://loja"),
        ("![foto](https://loja/f.png)", "foto: https://loja/f.png"),
        ("<p>Olá <b>Ana</b><br>tudo bem?</p>", "Olá **Ana**\ntudo bem?"),
        ("<ul><li>um</li><li>dois</li></ul>", "- um\n- dois"),
        ("oi<script>alert(1)</script>", "oi"),
        ("a\n\n\n\nb\\\n", "a\n\nb"),
        ("preço < 100 e > 50 <3", "preço < 100 e > 50 <3"),
        ("R$ 3.000,00 **à vista**", "R$ 3.000,00 **à vista**"),
        ("| a | b |\n|---|---|\n| Sofá | R$ 10 |", "- a · b\n- Sofá · R$ 10"),
        ("```\n# código\n```", "```\n# código\n```"),
        ("", ""),
    ],
)
def test_text_is_shaped_for_a_bubble(text, wanted):
    assert for_chat(text) == wanted
    assert for_chat(wanted) == wanted


def test_html_becomes_plain_text():
    html = "<style>p{}</style><h2>Mesa</h2><p>Feita &amp; lixada<br/>à mão</p>"
    assert plain_text(html) == "Mesa\n\nFeita & lixada\nà mão"


def test_a_short_text_is_one_message_and_nothing_is_none():
    assert split_text("oi") == ["oi"]
    assert split_text(" \n") == []


def test_paragraphs_then_sentences_are_kept_whole():
    assert split_text("a" * 30 + "\n\n" + "b" * 30, 40) == ["a" * 30, "b" * 30]
    text = "Primeira frase aqui. Segunda frase aqui! Terceira?"
    assert split_text(text, 42) == ["Primeira frase aqui. Segunda frase aqui!", "Terceira?"]
    assert split_text("palavra " * 10, 32) == ["palavra palavra palavra palavra"] * 2 + [
        "palavra palavra"
    ]


def test_an_emoji_counts_two_and_is_never_torn():
    family = "👨‍👩‍👧‍👦"
    parts = split_text(family * 12, 40)
    assert "".join(parts) == family * 12
    assert all(len(part) % len(family) == 0 for part in parts)
    assert all(len(part.encode("utf-16-le")) // 2 <= 40 for part in parts)


def test_a_limit_too_small_to_hold_a_word_is_an_error():
    with pytest.raises(ValueError, match="at least 32"):
        split_text("oi", 31)


def test_each_channel_has_its_limit():
    assert limit_of("Channel::Whatsapp") == 4096
    assert limit_of("Channel::Instagram") == 1000
    assert limit_of("Channel::New") == 4096


# The machine is shared: slowness is no failure here.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.sampled_from("ab .!?\n\u0301é👍🏽‍🇧🇷 \u00a0"), max_size=300), st.integers(32, 90))
def test_no_part_is_too_long_or_empty_and_nothing_is_lost(text, limit):
    parts = split_text(text, limit)
    assert all(part.strip() for part in parts)
    assert all(len(part.encode("utf-16-le")) // 2 <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
