"""The check of an answer before it is posted: whatever it says must have been read."""

from dataclasses import dataclass

from sidecar.crews.checking import amounts, names, properties, statements
from sidecar.crews.checking.known import Known
from sidecar.crews.checking.leaks import Instructions


@dataclass(frozen=True, slots=True)
class Problem:
    """kind: `amount`, `name`, `statement`, `property`, `leak`. words: as the answer has them."""

    kind: str
    words: str


def problems_of(text: str, known: Known, instructions: Instructions | None = None) -> list[Problem]:
    """What `text` says and nothing bears out, each once; empty for an honest answer."""
    if instructions is not None and instructions.leaks(text):
        return [Problem("leak", "")]
    found = [Problem("name", words) for words in names.problems(text, known)]
    bare = names.without_addresses(text)
    found += [Problem("amount", words) for words in amounts.problems(bare, known)]
    found += [Problem("statement", words) for words in statements.problems(text, known)]
    found += [Problem("property", words) for words in properties.problems(text, known)]
    return list(dict.fromkeys(found))
