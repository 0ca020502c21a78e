"""Which domain folder an account's configuration lies in.

`account_mapping.yaml` (or the older `chatwoot_mapping.yaml`) holds `accounts: {account_1:
furniture}`; `"1"` stands for `account_1`. Where both files name an account, the first wins.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from ruamel.yaml.comments import CommentedMap

from sidecar.context import ACCOUNT_ID
from sidecar.errors import ConfigInvalid
from sidecar.tenants import yaml_text
from sidecar.tenants.folder import Folder
from sidecar.tenants.shapes import account_name

FILES = ("account_mapping.yaml", "chatwoot_mapping.yaml")


@dataclass(slots=True)
class Mapping:
    """accounts: account id → domain. problems: entries that cannot be used; others are."""

    accounts: dict[str, str] = field(default_factory=dict)
    problems: list[ConfigInvalid] = field(default_factory=list)


def read_mapping(folder: Folder) -> Mapping:
    """The mapping of the tree. A file that is no YAML is a problem, not an error."""
    mapping = Mapping()
    for file in FILES:
        try:
            entries, problems = _entries(file, folder.text(file) or "")
        except ConfigInvalid as error:
            mapping.problems.append(error)
            continue
        mapping.problems += problems
        for account_id, domain in entries:
            mapping.accounts.setdefault(account_id, domain)
    return mapping


@lru_cache(maxsize=8)
def _entries(file: str, text: str) -> tuple[tuple[tuple[str, str], ...], tuple[ConfigInvalid, ...]]:
    """What `text` maps, and its unusable entries. Kept by the text: a thousand tenants are read
    one by one, and the mapping is asked each time."""
    entries = yaml_text.load(text, file).get("accounts")
    if entries is None:
        return (), ()
    if not isinstance(entries, CommentedMap):
        return (), (_problem(file, "accounts", "must map account ids to domains"),)
    usable, problems = [], []
    for key, value in entries.items():
        account_id, domain = account_name(key), value if isinstance(value, str) else ""
        if ACCOUNT_ID.fullmatch(account_id) and ACCOUNT_ID.fullmatch(domain):
            usable.append((account_id, str(domain)))
        else:
            shown = f"accounts.{str(key)[:64]}"
            rule = "account and domain must be lower-case letters, digits and underscores"
            problems.append(_problem(file, shown, rule))
    return tuple(usable), tuple(problems)


def with_account(text: str | None, account_id: str, domain: str) -> str:
    """The text of `account_mapping.yaml` with `account_id` in `domain`."""
    content = yaml_text.load(text, FILES[0])
    entries = content.get("accounts")
    if not isinstance(entries, CommentedMap):
        entries = content["accounts"] = CommentedMap()
    key = next((key for key in entries if account_name(key) == account_id), account_id)
    if entries.get(key) == domain:
        return text or ""
    entries[key] = domain
    return yaml_text.dump(content)


def _problem(file: str, field: str, text: str) -> ConfigInvalid:
    return ConfigInvalid(f"{file}: {field}: {text}.", field=field, file=file)
