"""Which domain folder an account's configuration lies in.

`account_mapping.yaml` (or the older `chatwoot_mapping.yaml`) holds `accounts: {account_1:
furniture}`; `"1"` stands for `account_1`. Where both files name an account, the first wins.
"""

from dataclasses import dataclass, field

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
            entries = yaml_text.load(folder.text(file), file).get("accounts")
        except ConfigInvalid as error:
            mapping.problems.append(error)
            continue
        if entries is None:
            continue
        if not isinstance(entries, CommentedMap):
            mapping.problems.append(_problem(file, "accounts", "must map account ids to domains"))
            continue
        for key, value in entries.items():
            account_id, domain = account_name(key), value if isinstance(value, str) else ""
            if not ACCOUNT_ID.fullmatch(account_id) or not ACCOUNT_ID.fullmatch(domain):
                shown = f"accounts.{str(key)[:64]}"
                mapping.problems.append(
                    _problem(
                        file,
                        shown,
                        "account and domain must be lower-case letters, digits and underscores",
                    )
                )
            else:
                mapping.accounts.setdefault(account_id, str(domain))
    return mapping


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
