"""What a customer-facing crew hands back."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer ready to post.

    writer:  `llm` or `extractive`.
    handoff: a reason for a human to take over, already in the tenant's language, or "".
    rules:   the company's rules it comes from: kind, id, score and text of each.
    """

    text: str
    writer: str
    handoff: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    rules: list[dict[str, Any]] = field(default_factory=list)
