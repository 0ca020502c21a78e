"""What tools are given: strict models, so that a model's mistakes are named, not guessed at."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def one_line(value: str) -> str:
    """Without characters that no field has."""
    return _CONTROL.sub(" ", value).strip()


# ids of the ERP: XML-RPC knows integers of 32 bits
Id = Annotated[int, Field(gt=0, lt=2**31)]
Words = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
Name = Annotated[str, Field(max_length=100), AfterValidator(one_line)]
Quantity = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]


class Arguments(BaseModel):
    """Unknown keys are refused: there is none for a tenant, a company, a customer, a price list."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Nothing(Arguments):
    """No arguments."""


class WriteArguments(Arguments):
    """Of a tool that writes."""

    confirmation: Name = Field(
        "", description="Empty at first; then the token of the preview, with the same arguments."
    )


class Line(Arguments):
    """A product and how many of it."""

    product_id: Id
    variant_id: Id | None = None
    quantity: Quantity = 1

    def as_dict(self) -> dict[str, float]:
        """As the ERP wants it."""
        told: dict[str, float] = {"product_id": self.product_id, "quantity": self.quantity}
        return told if self.variant_id is None else {**told, "variant_id": self.variant_id}
