"""Odoo's database: made with our addons, upgraded when an addon changed, cloned for tests."""

import ast
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from . import postgres, software
from .environment import process_environment
from .paths import House
from .shell import digest_of, run
from .trouble import Trouble

Note = Callable[[str], None]

LANGUAGES = "pt_BR"
# The addons' digests are kept in the database itself: they stay true when it is restored.
DIGESTS = "chatwootai.addon_digests"

# Runs inside `odoo-bin shell`: what the command line of Odoo cannot set.
FINISH = """
import json
given = json.loads({given!r})
parameters = env['ir.config_parameter'].sudo()
parameters.set_param('web.base.url', given['url'])
parameters.set_param('web.base.url.freeze', 'True')
parameters.set_param('ai_system.odoo_url_for_sidecar', given['rpc'])
if given['password']:
    env.ref('base.user_admin').write({{'login': 'admin', 'password': given['password']}})
env['ir.qweb']._pregenerate_assets_bundles()
parameters.set_param(given['key'], json.dumps(given['digests']))
env.cr.commit()
"""


def addons(house: House) -> dict[str, dict]:
    """addon → its manifest, for each installable addon of ours.

    Raises:
        Trouble: a manifest is not a Python literal.
    """
    found = {}
    for file in sorted((house.root / "addons").glob("*/__manifest__.py")):
        try:
            manifest = ast.literal_eval(file.read_text())
        except (ValueError, SyntaxError) as error:
            raise Trouble(f"{file} is not a manifest: {error}") from error
        if manifest.get("installable", True):
            found[file.parent.name] = manifest
    return found


def digests(house: House) -> dict[str, str]:
    """addon → hash of its files, without its tests' (they change nothing in a database)."""
    result = {}
    for name in addons(house):
        folder = house.root / "addons" / name
        result[name] = digest_of(e for e in folder.iterdir() if e.name not in ("tests", "readme"))
    return result


def odoo(house: House, *arguments: str, log: Path, what: str, stdin: str | None = None) -> None:
    """Run Odoo's program with this house's configuration until it ends."""
    command = [software.odoo_bin(house), *arguments]
    run(command, log, what=what, env=process_environment(house), stdin=stdin)


def _configuration(house: House) -> list[str]:
    return ["-c", str(house.run / "odoo.conf"), "--no-http"]


def recorded(house: House, database: str) -> dict[str, str]:
    """The digests of the addons as they are inside `database`; {} when none are recorded."""
    if not postgres.psql(house, "select to_regclass('ir_config_parameter')", database=database):
        return {}
    sql = f"select value from ir_config_parameter where key = '{DIGESTS}'"
    return json.loads(postgres.psql(house, sql, database=database) or "{}")


def installed(house: House, database: str) -> set[str]:
    """Names of the modules installed in `database`."""
    if not postgres.psql(house, "select to_regclass('ir_module_module')", database=database):
        return set()
    sql = "select name from ir_module_module where state = 'installed'"
    return set(postgres.psql(house, sql, database=database).splitlines())


def drop(house: House, database: str) -> None:
    """Remove a database and its files, whoever of ours is still connected.

    Not `with (force)`: where autovacuum happens to be at work, only a superuser may do that, while
    a plain drop sends it away by itself.
    """
    ours = f"datname = '{database}' and usename = current_user"
    end = f"select pg_terminate_backend(pid) from pg_stat_activity where {ours};"
    postgres.psql(house, f'{end} drop database if exists "{database}"')
    shutil.rmtree(_filestore(house) / database, ignore_errors=True)


def _filestore(house: House) -> Path:
    return house.data / "odoo" / "filestore"


def clone(house: House, template: str, database: str) -> None:
    """Copy a database; its files are hard links (Odoo never changes one in place)."""
    drop(house, database)
    postgres.psql(house, f'create database "{database}" template "{template}"')
    if (_filestore(house) / template).exists():
        subprocess.run(
            ["cp", "-al", _filestore(house) / template, _filestore(house) / database], check=True
        )
    keys = "('database.uuid', 'database.secret')"
    sql = f"update ir_config_parameter set value = gen_random_uuid()::text where key in {keys}"
    postgres.psql(house, sql, database=database)


def needs_work(house: House) -> bool:
    """Whether `ensure` would change the database (Odoo must not run meanwhile)."""
    if house.database not in postgres.databases(house) or _half_made(house).exists():
        return True
    return recorded(house, house.database) != digests(house)


def _half_made(house: House) -> Path:
    return house.data / "database-in-the-making"


def ensure(house: House, password: str, note: Note, *, template: str = "") -> str:
    """Make or upgrade the database of this house; nothing happens when all is as it should.

    Raises:
        Trouble: an addon does not install; the end of Odoo's log goes with it.
    """
    name, log, marker = house.database, house.log / "database.log", _half_made(house)
    wanted = digests(house)
    if not wanted:
        raise Trouble(f"no addons in {house.root / 'addons'}: is the clone complete?")
    if marker.exists():
        note("an earlier run was cut off: starting over")
        drop(house, name)
    if name not in postgres.databases(house):
        marker.touch()
        if template:
            clone(house, template, name)
        note("installing " + ", ".join(wanted))
        arguments = ["-d", name, "-i", ",".join(wanted), "--load-language", LANGUAGES]
        arguments += ["--stop-after-init", "--log-level=warn"]
        odoo(house, *_configuration(house), *arguments, log=log, what="installing the addons")
        done = "made"
    else:
        present, old = installed(house, name), recorded(house, name)
        new = [addon for addon in wanted if addon not in present]
        changed = [a for a in wanted if a in present and old.get(a) != wanted[a]]
        if not new and not changed:
            return "up to date"
        note("upgrading " + ", ".join([*changed, *new]))
        arguments = ["-d", name, "--stop-after-init", "--log-level=warn"]
        arguments += ["-i", ",".join(new)] if new else []
        arguments += ["-u", ",".join(changed)] if changed else []
        odoo(house, *_configuration(house), *arguments, log=log, what="upgrading the addons")
        done, password = f"upgraded {', '.join([*changed, *new])}", ""
    if absent := set(wanted) - installed(house, name):
        raise Trouble(f"not installed: {', '.join(sorted(absent))}; log: {log}")
    note("preparing the pages")
    finish(house, name, password, wanted)
    marker.unlink(missing_ok=True)
    return done


def finish(house: House, database: str, password: str, wanted: dict[str, str]) -> None:
    """Build the asset bundles, record the digests, set address and administrator's password.

    An empty `password` leaves the administrator as he is.
    """
    given = {
        "url": house.odoo_url,
        "rpc": house.odoo_rpc_url,
        "password": password,
        "key": DIGESTS,
        "digests": wanted,
    }
    script = FINISH.format(given=json.dumps(given))
    arguments = ["-d", database, "--log-level=warn"]
    log = house.log / "database.log"
    shell = ["shell", *_configuration(house), *arguments]
    odoo(house, *shell, log=log, what="preparing the database", stdin=script)
    # the shell ends with 0 even when the script failed: ask the database itself
    if recorded(house, database) != wanted:
        raise Trouble(f"the database could not be prepared; log: {log}")


def correct_address(house: House) -> None:
    """After a change of ports: the addresses for links and for the sidecar (Odoo is stopped)."""
    addresses = {
        "web.base.url": house.odoo_url,
        "ai_system.odoo_url_for_sidecar": house.odoo_rpc_url,
    }
    for key, url in addresses.items():
        sql = f"update ir_config_parameter set value = '{url}' where key = '{key}'"
        postgres.psql(house, sql, database=house.database)


def dependencies(house: House, names: Iterable[str]) -> set[str]:
    """What our addons `names` need of Odoo's own, directly or through one another."""
    manifests = addons(house)
    todo, seen = list(names), set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += manifests.get(name, {}).get("depends", [])
    return seen - set(manifests)
