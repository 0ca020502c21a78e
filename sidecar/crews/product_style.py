"""A brand voice as lines for a model: how to write, never what is true."""

import json
from typing import Any

from sidecar.crews.product_texts import asked_for
from sidecar.crews.style import style_line

_WORDS: dict[str, dict[str, str]] = {
    "pt": {
        "audience": "Quem lê: {told}",
        "required": "Use estas palavras: {told}",
        "banned": "Nunca use estas palavras: {told}",
        "good": "Deve soar assim (só o jeito, não os fatos): {told}",
        "bad": "Não deve soar assim: {told}",
        "glossary": "Vocabulário da casa: {told}",
        "short": "Descrição: um parágrafo curto.",
        "medium": "Descrição: dois ou três parágrafos curtos.",
        "long": "Descrição: até cinco parágrafos, com uma lista, se os fatos bastarem.",
        "casual": "Tom: descontraído.",
        "enthusiastic": "Tom: entusiasmado, sem exageros.",
    },
    "es": {
        "audience": "Quién lee: {told}",
        "required": "Usa estas palabras: {told}",
        "banned": "Nunca uses estas palabras: {told}",
        "good": "Debe sonar así (solo el estilo, no los datos): {told}",
        "bad": "No debe sonar así: {told}",
        "glossary": "Vocabulario de la casa: {told}",
        "short": "Descripción: un párrafo corto.",
        "medium": "Descripción: dos o tres párrafos cortos.",
        "long": "Descripción: hasta cinco párrafos, con una lista, si los datos bastan.",
        "casual": "Tono: desenfadado.",
        "enthusiastic": "Tono: entusiasta, sin exageraciones.",
    },
    "en": {
        "audience": "Who reads: {told}",
        "required": "Use these words: {told}",
        "banned": "Never use these words: {told}",
        "good": "It should sound like this (the manner, not the facts): {told}",
        "bad": "It should not sound like this: {told}",
        "glossary": "Words of the house: {told}",
        "short": "Description: one short paragraph.",
        "medium": "Description: two or three short paragraphs.",
        "long": "Description: up to five paragraphs with a list, if there are facts enough.",
        "casual": "Tone: casual.",
        "enthusiastic": "Tone: enthusiastic, without hype.",
    },
}
_FEW_FACTS = 3
_SAMPLES, _LONGEST_SAMPLE, _TERMS = 3, 400, 40


def style_lines(brief: dict[str, Any], language: str) -> list[str]:
    """The lines of a brief's voice and glossary in `pt`, `es` or `en`; [] where nothing is set."""
    voice, words = brief["voice"], _WORDS[language]
    lines = [style_line({"style": voice}, language)]
    if voice.get("tone") in ("casual", "enthusiastic"):
        lines.append(words[voice["tone"]])
    if voice.get("audience"):
        lines.append(words["audience"].format(told=voice["audience"]))
    for name, told in (("required", asked_for(voice)), ("banned", voice.get("banned"))):
        if told:
            lines.append(words[name].format(told=", ".join(told)))
    for name in ("good", "bad"):
        samples = [text[:_LONGEST_SAMPLE] for text in voice.get(name) or []][:_SAMPLES]
        if samples:
            told = json.dumps(samples, ensure_ascii=False)
            lines.append(words[name].format(told=told))
    terms = [f"{term['source']} → {term['target']}" for term in brief["glossary"][:_TERMS]]
    if terms:
        lines.append(words["glossary"].format(told="; ".join(terms)))
    return [f"- {line}" for line in lines if line]


def length_line(brief: dict[str, Any], language: str) -> str:
    """How long the description may be; few facts make a short one, whatever the voice says."""
    wanted = brief["voice"].get("length") or "medium"
    known = [f for f in brief["facts"] if f["source"] not in ("field:name", "category", "tags")]
    if len(known) < _FEW_FACTS and sum(len(fact["value"]) for fact in known) < 300:
        wanted = "short"
    return _WORDS[language].get(wanted, _WORDS[language]["medium"])
