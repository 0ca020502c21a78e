"""`sidecar tenants`: check the YAML tree, publish it, list tenants, explain routes."""

from collections.abc import Iterator
from pathlib import Path

from sidecar.context import check_account_id
from sidecar.credentials.resolver import CredentialResolver
from sidecar.errors import ConfigInvalid, NotFound
from sidecar.hub.routing import CONVERSING, ROUTES, crew_of
from sidecar.settings import Settings
from sidecar.tenants.doors import inboxes_of
from sidecar.tenants.files import Reading, TenantFiles
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import Channel, Tenant


def run(settings: Settings, verb: str, argument: str | None) -> int:
    """Do one of the verbs; its exit code. Raises sidecar errors."""
    match verb:
        case "check":
            return check(settings, argument)
        case "publish":
            return publish(settings)
        case "routes":
            return routes(settings, argument)
        case _:
            return list_all(settings)


def check(settings: Settings, folder: str | None) -> int:
    """Print `file: key: error` and notes for every file of the tree; 1 when there is an error.

    NotFound when there is no such folder.
    """
    root = Path(folder) if folder else settings.config_dir
    if not root.is_dir():
        raise NotFound(f"{root} is not a folder.")
    files = TenantFiles(root)
    problems = files.mapping_problems()
    for problem in problems:
        print(_line(problem))
    readings = list(files.readings())
    for reading in readings:
        if reading.error is not None:
            problems.append(reading.error)
            print(_line(reading.error, reading.file))
        for field, text in _notes(reading):
            print(f"{reading.file}: {field}: note: {text}")
    for error in _claimed_twice(readings):
        problems.append(error)
        print(_line(error))
    for path in files.unmapped():
        print(f"{path}: note: no mapping names it, so it is not used")
    good = sum(1 for reading in readings if reading.tenant)
    print(f"{good} of {len(readings)} tenants can be read")
    return 1 if problems else 0


def publish(settings: Settings) -> int:
    """Publish the tree after it was changed by hand; 1 when a tenant could not be published."""
    done = _registry(settings).publish_all()
    for account_id in done.accounts:
        print(f"{account_id:<20} published")
    for problem in done.problems:
        print(f"{problem.account_id or 'mapping':<20} NOT published: {problem.message}")
    return 1 if done.problems else 0


def list_all(settings: Settings) -> int:
    """Print every published tenant: id, version, domain, crews that work, name."""
    registry = _registry(settings)
    for account_id in registry.accounts():
        tenant = registry.get(account_id)
        crews = ", ".join(name for name, crew in tenant.crews.items() if crew.enabled) or "no crew"
        print(f"{account_id:<20} v{tenant.version:<5} {tenant.domain:<14} {tenant.name}: {crews}")
    for problem in registry.problems():
        print(f"{problem.account_id or 'mapping':<20} NOT published as written: {problem.message}")
    return 0


def routes(settings: Settings, account_id: str | None) -> int:
    """Print (source, action) → crew, and how a message finds its crew, tenant by tenant."""
    for (source, action), crew in ROUTES.items():
        also = ", or the channel's, or the owner's" if source == "chatwoot" else ""
        print(f"{source:<10} {action:<24} {crew}{also}")
    registry = _registry(settings)
    accounts = [check_account_id(account_id)] if account_id else registry.accounts()
    for name in accounts:
        tenant = registry.get(name)
        print(f"\n{name}: {tenant.name}")
        for line in explained(registry, tenant):
            print(f"  {line}")
    return 0


def explained(registry: TenantRegistry, tenant: Tenant) -> Iterator[str]:
    """One line for each thing that can happen to a message of the tenant's channels."""
    if not tenant.channels:
        yield "no channel: no message arrives"
    for channel in tenant.channels:
        kinds = ", ".join(hook.kind for hook in channel.hooks) or "no hook: nothing arrives"
        inbox = f"inbox {channel.inbox_id}" if channel.inbox_id else "all inboxes nobody names"
        title = f"channel {channel.id} {channel.name}".rstrip()
        yield (
            f"{title} ({kinds}): Chatwoot account {channel.account_id} at {channel.url}, {inbox}"
        )
        yield f"  {_fate(registry, tenant, channel)}"
        for phone in channel.owner_phones:
            crew, because = crew_of(tenant, channel, phone)
            yield f"  from {phone} → {_state(tenant, crew)}, because {because}"


def _fate(registry: TenantRegistry, tenant: Tenant, channel: Channel) -> str:
    inboxes = inboxes_of(tenant, channel)
    crew, because = crew_of(tenant, channel, "")
    if channel.inbox_id:
        first = inboxes.named[channel.inbox_id]
        others = registry.names_inbox(inboxes.chatwoot, channel.inbox_id) - {tenant.account_id}
        if first != channel.id:
            return f"never used, because channel {first} names the same inbox and comes first"
        also = f" ({', '.join(sorted(others))} names it too!)" if others else ""
        return f"→ {_state(tenant, crew)}, because this channel names the inbox; {because}{also}"
    if inboxes.wide[0] != channel.id:
        return f"never used, because channel {inboxes.wide[0]} is for all inboxes and comes first"
    return f"→ {_state(tenant, crew)}, because no channel names the inbox; {because}"


def _state(tenant: Tenant, crew: str) -> str:
    config = tenant.crews.get(crew)
    if config is None or not config.enabled:
        return f"people (crew {crew} is not enabled)"
    return crew if crew in CONVERSING else f"people (crew {crew} does not talk to people)"


def _notes(reading: Reading) -> Iterator[tuple[str, str]]:
    for note in reading.notes:
        yield note.field, note.text
    if reading.tenant is None:
        return
    for number, channel in enumerate(reading.tenant.channels):
        field = f"integrations.chatwoot.channels[{number}]"
        if not channel.hooks:
            yield f"{field}.hooks", "there is none, so no message arrives"
        if channel.signature == "required" and not all(h.secret_ref for h in channel.hooks):
            yield f"{field}.hooks", "a hook without secret_ref is refused, as nothing proves it"
        shown = _state(reading.tenant, channel.crew)
        if shown != channel.crew:
            yield f"{field}.crew", f"messages go to {shown}"


def _claimed_twice(readings: list[Reading]) -> Iterator[ConfigInvalid]:
    """What two tenants of one tree cannot both have: the later one is wrong."""
    holders: dict[str, str] = {}
    for reading in readings:
        for field, value in _claims(reading.tenant) if reading.tenant else ():
            holder = holders.setdefault(value, reading.account_id)
            if holder != reading.account_id:
                problem = f"{field}: {holder} has the same; a tenant needs its own."
                yield ConfigInvalid(problem, field=field, file=reading.file)


def _claims(tenant: Tenant) -> Iterator[tuple[str, str]]:
    yield "integrations.redis.config.prefix", f"prefix {tenant.prefix}"
    for number, channel in enumerate(tenant.channels):
        for place, hook in enumerate(channel.hooks):
            if hook.token_sha256:
                field = f"integrations.chatwoot.channels[{number}].hooks[{place}].token_sha256"
                yield field, hook.token_sha256


def _line(error: ConfigInvalid, file: str = "") -> str:
    file = str(error.details.get("file") or file)
    field = str(error.details.get("field") or "")
    text = error.message.removeprefix("The tenant's configuration is invalid: ")
    if text.startswith((f"{file}, line", f"{file}: ")):
        return text
    text = text.removeprefix(f"{field}: ")
    return ": ".join(part for part in (file, field, text) if part)


def _registry(settings: Settings) -> TenantRegistry:
    return TenantRegistry.from_settings(
        settings, CredentialResolver.from_settings(settings).resolve
    )
