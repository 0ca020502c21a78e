"""The tenants' YAML tree under CONFIG_DIR.

    account_mapping.yaml                              account id → domain
    domains/<domain>/<account>/config.yaml            the document without its crews
    domains/<domain>/<account>/<crew>_crew.yaml       one crew each
    domains/<domain>/<account>/.pushed.json           what Odoo pushed last

Written by hand, a tenant may also be one file with everything in it: `domains/<domain>/
<account>.yaml` or `<domain>/<account>.yaml`. A push turns that into the folder.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from sidecar.errors import ConfigInvalid, Conflict, UnknownAccount
from sidecar.tenants import yaml_text
from sidecar.tenants.folder import Change, Folder
from sidecar.tenants.kinds import CREW_ALIASES, CREWS, crew_name
from sidecar.tenants.mapping import FILES, Mapping, read_mapping, with_account
from sidecar.tenants.merge import merge, withdraw
from sidecar.tenants.schema import Tenant, parse_tenant
from sidecar.tenants.shapes import Note, read_shape
from sidecar.tenants.values import invalid

_CONFIG, _CREW_FILE, _PUSHED = "config.yaml", "_crew.yaml", ".pushed.json"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one tenant's files: a tenant, or an error (`details` file and field)."""

    account_id: str
    file: str
    tenant: Tenant | None = None
    error: ConfigInvalid | None = None
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class _Source:
    """A tenant's files as they are: `config` whole, `crews` by name, each with its path.

    file: where `config` is, or belongs. texts: path → text of every file there is.
    """

    file: str
    config: CommentedMap
    crews: dict[str, tuple[str, CommentedMap]]
    texts: dict[str, str]

    @property
    def is_there(self) -> bool:
        return self.file in self.texts

    def document(self) -> dict[str, Any]:
        """The raw document all files make together; a crew's own file wins."""
        document = yaml_text.plain(self.config)
        if self.crews:
            inline = document.get("crews")
            inline = dict(inline) if isinstance(inline, dict) else {}
            for name, (_path, content) in self.crews.items():
                for alias, of in CREW_ALIASES.items():
                    if of == name:
                        inline.pop(alias, None)
                inline[name] = yaml_text.plain(content)
            document["crews"] = inline
        return document

    def file_of(self, field: str) -> str:
        """The file that holds `field` of the document."""
        for name, (path, _content) in self.crews.items():
            if field == f"crews.{name}" or field.startswith((f"crews.{name}.", f"crews.{name}[")):
                return path
        return self.file


class TenantFiles:
    """Reader and writer of the tree at `root`."""

    def __init__(self, root: Path):
        self.root = root
        self.folder = Folder(root)

    def accounts(self) -> dict[str, str]:
        """Account id → domain of every usable entry of the mapping."""
        with self.folder.reading():
            return read_mapping(self.folder).accounts

    def mapping_problems(self) -> list[ConfigInvalid]:
        """Entries of the mapping that cannot be used."""
        with self.folder.reading():
            return read_mapping(self.folder).problems

    def readings(self) -> Iterator[Reading]:
        """Every mapped tenant, read one by one; a bad one is reported and stops no other."""
        for account_id in self.accounts():
            yield self.reading(account_id)

    def reading(self, account_id: str) -> Reading:
        """One tenant's files. UnknownAccount when the mapping does not name it."""
        with self.folder.reading():
            domain = self._domain(account_id)
            try:
                source = self._source(domain, account_id)
                tenant, notes = self._tenant(source, account_id, domain)
            except ConfigInvalid as error:
                return Reading(account_id, str(error.details["file"]), error=error)
        return Reading(account_id, source.file, tenant, None, tuple(notes))

    def files(self, account_id: str) -> dict[str, str]:
        """Name → text of the tenant's files. ConfigInvalid when they hold what they may not."""
        with self.folder.reading():
            domain = self._domain(account_id)
            source = self._source(domain, account_id)
            self._tenant(source, account_id, domain)
            return {path.rpartition("/")[2]: text for path, text in source.texts.items()}

    def unmapped(self) -> list[str]:
        """Tenants' files that no mapping names, so that nobody reads them."""
        with self.folder.reading():
            known = read_mapping(self.folder).accounts
            found = [
                (domain, f"domains/{domain}/{name}")
                for domain in self.folder.names("domains")
                for name in self.folder.names(f"domains/{domain}")
            ]
            found += [
                (domain, f"{domain}/{name}")
                for domain in self.folder.names()
                for name in self.folder.names(domain)
                if domain != "domains" and name.endswith(".yaml")
            ]
            return [path for domain, path in found if known.get(Path(path).stem) != domain]

    def write(
        self,
        document: dict[str, Any],
        reset: bool = False,
        check: Callable[[Tenant], None] = lambda _tenant: None,
    ) -> Tenant:
        """Merge a pushed document into the tenant's files and the mapping; the merged tenant.

        ConfigInvalid (also from `check`, which sees the result) and Conflict, when the tree holds
        a newer version and this is no `reset`, come before anything is written. The same version
        again changes nothing. A changed domain moves the folder.
        """
        pushed = parse_tenant(document)
        document = _without_aliases(document)
        account_id, domain = pushed.account_id, pushed.domain
        with self.folder.writing():
            mapping = read_mapping(self.folder)
            old_domain = mapping.accounts.get(account_id, domain)
            base = self._pushed(old_domain, account_id)
            source = self._source(old_domain, account_id)
            if base and source.is_there and not reset:
                if pushed.version < base["version"]:
                    raise Conflict(
                        "The sidecar holds a newer version of this configuration; connect again.",
                        version=base["version"],
                    )
                if pushed.version == base["version"]:
                    return self._tenant(source, account_id, old_domain)[0]
            return self._write(source, base, document, old_domain, mapping, check)

    def _write(
        self,
        source: _Source,
        base: dict[str, Any],
        document: dict[str, Any],
        old_domain: str,
        mapping: Mapping,
        check: Callable[[Tenant], None],
    ) -> Tenant:
        account_id, domain = document["account_id"], document["domain"]
        change = self._moved(old_domain, domain, account_id)
        home = _folder(domain, account_id)
        crews = _merged(source, base, document, home)
        _keep_out_of_config(source.config)
        place = f"{home}/{_CONFIG}"
        tenant, _notes = self._tenant(
            _Source(place, source.config, crews, {place: ""}), account_id, domain
        )
        check(tenant)
        texts = {path: yaml_text.dump(content) for path, content in crews.values()}
        config = yaml_text.dump(source.config)
        lost = yaml_text.lost_comments(source.texts.values(), [config, *texts.values()])
        texts[f"{home}/{_CONFIG}"] = yaml_text.dump(source.config, lost)
        texts[f"{home}/{_PUSHED}"] = json.dumps(document, ensure_ascii=False, indent=1)
        former = {path: _rehomed(path, old_domain, domain, account_id) for path in source.texts}
        change.write = {
            path: text
            for path, text in texts.items()
            if text != next((source.texts[old] for old in former if former[old] == path), None)
        }
        change.delete = [new for new in former.values() if new not in texts]
        if mapping.accounts.get(account_id) != domain:
            mapped = with_account(self.folder.text(FILES[0]), account_id, domain)
            change.write[FILES[0]] = mapped
        self.folder.commit(change)
        return tenant

    def _moved(self, old_domain: str, domain: str, account_id: str) -> Change:
        old, new = _folder(old_domain, account_id), _folder(domain, account_id)
        if old == new or not self.folder.exists(old):
            return Change()
        if self.folder.exists(new):
            raise invalid("domain", f"{new} exists already; move it away, then synchronize again")
        return Change(move=(old, new))

    def _domain(self, account_id: str) -> str:
        domain = read_mapping(self.folder).accounts.get(account_id)
        if domain is None:
            raise UnknownAccount(account_id=account_id)
        return domain

    def _source(self, domain: str, account_id: str) -> _Source:
        """The tenant's files, if there are any. ConfigInvalid names one that cannot be read."""
        home = _folder(domain, account_id)
        source = _Source(f"{home}/{_CONFIG}", CommentedMap(), {}, {})
        for path in (source.file, f"{home}.yaml", f"{domain}/{account_id}.yaml"):
            text = self.folder.text(path)
            if text is not None:
                source = _Source(path, yaml_text.load(text, path), {}, {path: text})
                break
        for name in self.folder.names(home):
            if not name.endswith(_CREW_FILE):
                continue
            path = f"{home}/{name}"
            try:
                crew = crew_name(name.removesuffix(_CREW_FILE))
            except ValueError as error:
                raise ConfigInvalid(f"{path}: {error}.", field="", file=path) from None
            if crew in source.crews:
                problem = f"{path}: {source.crews[crew][0]} is the same crew; keep one of them."
                raise ConfigInvalid(problem, field=f"crews.{crew}", file=path)
            crew_text = self.folder.text(path) or ""
            source.texts[path] = crew_text
            source.crews[crew] = (path, yaml_text.load(crew_text, path))
        return source

    def _tenant(self, source: _Source, account_id: str, domain: str) -> tuple[Tenant, list[Note]]:
        if not source.is_there:
            raise ConfigInvalid(
                f"{source.file} does not exist, though the mapping names {account_id}.",
                field="",
                file=source.file,
            )
        try:
            document, notes = read_shape(source.document())
            document = {"account_id": account_id, "domain": domain} | document
            tenant = parse_tenant(document)
            if tenant.account_id != account_id:
                raise invalid("account_id", f"the mapping names it {account_id}")
            if tenant.domain != domain:
                raise invalid("domain", f"the mapping says {domain}")
        except ConfigInvalid as error:
            error.details["file"] = source.file_of(error.details["field"])
            raise
        return tenant, notes

    def _pushed(self, domain: str, account_id: str) -> dict[str, Any]:
        text = self.folder.text(f"{_folder(domain, account_id)}/{_PUSHED}")
        try:
            base = json.loads(text) if text else {}
        except ValueError:
            return {}
        return base if isinstance(base, dict) and isinstance(base.get("version"), int) else {}


def _merged(
    source: _Source, base: dict[str, Any], document: dict[str, Any], home: str
) -> dict[str, tuple[str, CommentedMap]]:
    """Merge `document` into the source's content; the crews' files as they are to be written."""
    config = source.config
    known, wanted = base.get("crews") or {}, document.get("crews") or {}
    inline = config.get("crews")
    inline = inline if isinstance(inline, CommentedMap) else CommentedMap()
    merge(
        config,
        {key: value for key, value in base.items() if key != "crews"},
        {key: value for key, value in document.items() if key != "crews"},
    )
    crews = {}
    for name in CREWS:
        spelled = next(
            (s for s in (name, *CREW_ALIASES) if s in inline and crew_name(s) == name), ""
        )
        path, content = source.crews.get(name, ("", None))
        if content is None and spelled and isinstance(inline[spelled], CommentedMap):
            content = inline[spelled]
        path = f"{home}/{path.rpartition('/')[2] or name + _CREW_FILE}"
        if name in wanted:
            content = CommentedMap() if content is None else content
            merge(content, known.get(name) or {}, wanted[name])
        elif name in known and content is not None:
            holder = CommentedMap({name: content})
            withdraw(holder, name, known[name])
            if name not in holder:
                continue
            content["enabled"] = False  # what a person added is kept, the crew does not work
        if content is not None:
            crews[name] = (path, content)
    return crews


def _keep_out_of_config(config: CommentedMap) -> None:
    """Crews have files of their own once Odoo pushed; config.yaml keeps what is no crew."""
    inline = config.get("crews")
    if not isinstance(inline, CommentedMap):
        return
    for name in list(inline):
        if name in CREWS or name in CREW_ALIASES:
            del inline[name]
    if not inline:
        del config["crews"]


def _without_aliases(document: dict[str, Any]) -> dict[str, Any]:
    crews = document.get("crews")
    if not isinstance(crews, dict):
        return document
    return document | {"crews": {crew_name(name): crew for name, crew in crews.items()}}


def _folder(domain: str, account_id: str) -> str:
    return f"domains/{domain}/{account_id}"


def _rehomed(path: str, old_domain: str, domain: str, account_id: str) -> str:
    """Where a file of the account's folder lies after the move; other files stay."""
    old = _folder(old_domain, account_id) + "/"
    return path.replace(old, _folder(domain, account_id) + "/", 1) if path.startswith(old) else path
