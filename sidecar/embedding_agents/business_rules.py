"""What a rule says in search: built from its facts, the same facts always giving the same text.

Rules, scheduling rules and a company's profile have one text each; documents have passages
(`documents.py`). All words are the company's own (docs/rules.md); what people call a kind of rule
is not written into the text but known to the search (`sidecar.search.topics`).
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

RuleFacts = dict[str, Any]
"""One rule, scheduling rule, document or profile as `rule_facts` of docs/rules.md tells it."""

Ref = tuple[str, int]
"""Kind and record id: ("rule", 5)."""

RULE_TEXT_VERSION = 1  # raise it when the same facts give other texts


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule says, by field. `scope`: the products or categories it is limited to."""

    title: str
    scope: str
    body: str

    @property
    def fields(self) -> dict[str, str]:
        """Texts by the fields of the sparse encoder, the empty ones left out."""
        texts = {"name": self.title, "tags": self.scope, "description": self.body}
        return {name: text for name, text in texts.items() if text}

    @property
    def dense(self) -> str:
        """One text for an embedding model."""
        return ". ".join(text for text in (self.title, self.scope, self.body) if text)


def ref_of(facts: RuleFacts) -> Ref:
    """The reference of a fact."""
    return facts["kind"], facts["id"]


def rule_text(facts: RuleFacts) -> RuleText:
    """The search text of a rule's facts."""
    categories = (category.replace(" / ", " ") for category in facts["categories"])
    return RuleText(facts["title"], ", ".join(categories), told_text(facts))


def told_text(facts: RuleFacts) -> str:
    """Word for word what a rule says to the AI: the sentence of its figures, then its own words."""
    parts = (facts["sentence"].strip(), facts["text"].strip())
    return "\n".join(part for part in parts if part)


def profile_fact(profile: dict[str, Any]) -> RuleFacts:
    """A profile, as `company_profile` tells it, in the shape of a rule's facts.

    The profile itself is its structure: the index's copy serves while Odoo does not answer.
    """
    links = (link["url"] for link in profile["links"])
    texts = (profile["description"], profile["values"], profile["address"], *links)
    return {
        "kind": "profile",
        "id": profile["id"],
        "group": "profile",
        "subkind": "profile",
        "title": profile["name"],
        "sentence": profile["hours"]["text"],
        "text": "\n".join(text.strip() for text in texts if text.strip()),
        "priority": "normal",
        "valid_from": False,
        "valid_to": False,
        "structure": {"profile": profile},
        "products": [],
        "categories": [],
        "chunks": [],
        "write_date": profile["write_date"],
    }


def content_hash(facts: RuleFacts, text: RuleText, versions: list[Any]) -> str:
    """Changes with everything the index holds of a fact; not with when it was written."""
    content = {key: value for key, value in facts.items() if key != "write_date"}
    told = json.dumps(
        [RULE_TEXT_VERSION, *versions, asdict(text), content], ensure_ascii=False, sort_keys=True
    )
    return hashlib.sha256(told.encode()).hexdigest()
