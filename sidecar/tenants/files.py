"""The tenants' YAML tree under CONFIG_DIR.

    account_mapping.yaml                         account id → domain
    domains/<domain>/<account>/config.yaml       the tenant's document

A push merges into the file: keys it names are replaced, keys a person added stay, comments too.
Files are replaced atomically, so a reader never sees half of one.
"""

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, YAMLError

from sidecar.context import check_account_id
from sidecar.errors import ConfigInvalid
from sidecar.tenants.schema import Tenant, parse_tenant

_yaml = YAML()  # round trip: keeps comments and order
_yaml.preserve_quotes = True


class TenantFiles:
    """Reader and writer of the tree at `root`."""

    def __init__(self, root: Path):
        self.root = root

    def accounts(self) -> dict[str, str]:
        """Account id → domain, as `account_mapping.yaml` says."""
        mapping = self._load(self.root / "account_mapping.yaml").get("accounts") or {}
        return {check_account_id(a): check_account_id(d) for a, d in mapping.items()}

    def tenants(self) -> Iterator[Tenant]:
        """Every mapped tenant. ConfigInvalid names the file that is wrong."""
        for account_id, domain in self.accounts().items():
            path = self._path(domain, account_id)
            try:
                yield parse_tenant(self._load(path))
            except ConfigInvalid as error:
                raise ConfigInvalid(f"{path}: {error.message}", **error.details) from None

    def write(self, document: dict[str, Any]) -> Tenant:
        """Merge `document` into the tenant's file and the mapping; return the merged tenant.

        A changed domain moves the tenant's folder and loses nothing. ConfigInvalid before
        anything is written when the result is not valid.
        """
        pushed = parse_tenant(document)
        old_domain = self.accounts().get(pushed.account_id)
        path = self._path(pushed.domain, pushed.account_id)
        current_path = self._path(old_domain, pushed.account_id) if old_domain else path
        current = self._load(current_path)
        _merge(current, document)
        tenant = parse_tenant(current)
        if old_domain and old_domain != pushed.domain and current_path.parent.exists():
            path.parent.parent.mkdir(parents=True, exist_ok=True)
            current_path.parent.rename(path.parent)
        self._dump(path, current)
        mapping = self._load(self.root / "account_mapping.yaml")
        mapping.setdefault("accounts", {})[pushed.account_id] = pushed.domain
        self._dump(self.root / "account_mapping.yaml", mapping)
        return tenant

    def _path(self, domain: str, account_id: str) -> Path:
        return self.root / "domains" / domain / account_id / "config.yaml"

    def _load(self, path: Path) -> dict[str, Any]:
        try:
            loaded = _yaml.load(path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}" if mark else ""
            problem = f"{path}{where}: this is not valid YAML."
            raise ConfigInvalid(problem, field=str(path)) from None
        if loaded is None:
            return {}
        if not isinstance(loaded, dict):
            raise ConfigInvalid(f"{path}: the top level must be a mapping.", field=str(path))
        return loaded

    def _dump(self, path: Path, content: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        _yaml.dump(content, text)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text.getvalue())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)


def _merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    """Put `source` into `target`: mappings are merged, everything else is replaced."""
    for key, value in source.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = value
