"""Passages of a company's documents: small enough to answer with, each with its page."""

import re
from dataclasses import dataclass

from sidecar.embedding_agents.business_rules import RuleFacts, RuleText

LONGEST = 480  # characters of a passage: what fits into a chat message
_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCES = re.compile(r"(?<=[.!?:;])\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document. number: counts from 1 in the document; page: as in the file."""

    number: int
    page: int
    text: RuleText


def passages(facts: RuleFacts) -> list[Passage]:
    """The passages of a document's facts, in order: paragraphs, the long ones cut at sentences."""
    found: list[Passage] = []
    for chunk in facts["chunks"]:
        for text in _cut(chunk["text"]):
            body = RuleText(facts["title"], "", text)
            found.append(Passage(len(found) + 1, chunk["page"] or 0, body))
    return found


def _cut(text: str) -> list[str]:
    parts: list[str] = []
    for paragraph in _PARAGRAPHS.split(text):
        plain = " ".join(paragraph.split())
        part = ""
        for sentence in _SENTENCES.split(plain) if plain else []:
            while len(sentence) > LONGEST:
                head = sentence[:LONGEST].rpartition(" ")[0] or sentence[:LONGEST]
                parts += [piece for piece in (part, head) if piece]
                part, sentence = "", sentence[len(head) :].strip()
            if part and len(part) + len(sentence) >= LONGEST:
                parts.append(part)
                part = ""
            part = f"{part} {sentence}".strip()
        if part:
            parts.append(part)
    return parts
