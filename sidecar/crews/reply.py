"""What a customer-facing crew hands back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer ready to post.

    writer:  `llm` or `extractive`.
    handoff: a reason for a human to take over, already in the tenant's language, or "".
    """

    text: str
    writer: str
    handoff: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
