"""What a customer-facing crew hands back."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer ready to post.

    writer:   `llm` or `extractive`.
    handoff:  a reason for a human to take over, already in the tenant's language, or "".
    rules:    the company's rules it comes from: kind, id, score and text of each.
    code:     of the hand-off (docs/conversations.md), or "".
    unsure:   the text does not answer the question.
    crew:     another crew that should answer this turn instead, or "".
    products: those the text names: kind, id, title and category of each.
    language: ISO 639-1 of the text, or "" where nobody looked.
    preview:  the text shows what would be written, and asks.
    """

    text: str
    writer: str
    handoff: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    rules: list[dict[str, Any]] = field(default_factory=list)
    code: str = ""
    unsure: bool = False
    crew: str = ""
    products: list[dict[str, Any]] = field(default_factory=list)
    language: str = ""
    preview: bool = False
