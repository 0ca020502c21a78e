"""Settings and secrets of an installation: made once, kept, never printed."""

import base64
import configparser
import os
import secrets
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from . import postgres
from .paths import House

HEADER = (
    "# Written by make up; secrets in it are made once and kept. Put settings of your own into\n"
    "# .env beside the Makefile: it is read after this file.\n"
)
VAULT_HEADER = (
    "# Encrypts the credentials in Odoo's database: keep a copy away from its backups.\n"
    "# The first key encrypts, all decrypt.\n"
)


def write_private(file: Path, text: str) -> None:
    """Write a file only its owner may read, complete or not at all."""
    beside = file.with_name(file.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    beside.replace(file)


def read_env(file: Path) -> dict[str, str]:
    """The `NAME=value` lines of a file, comments and blank lines left out; {} without the file."""
    if not file.exists():
        return {}
    lines = (line.strip() for line in file.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def redis_password(values: dict[str, str]) -> str:
    """The password inside the kept state URL, or a new one."""
    kept = urlsplit(values.get("CHATWOOTAI_STATE_URL", "")).password
    return unquote(kept) if kept else secrets.token_urlsafe(24)


def ensure_sidecar_env(house: House) -> dict[str, str]:
    """Write `sidecar.env`: kept secrets, current ports and folders; returns all of its values.

    Lines a person added stay, after the ones that are written here.
    """
    old = read_env(house.sidecar_env)
    redis = f"redis://:{quote(redis_password(old), safe='')}@127.0.0.1:{house.port(9)}"
    written = {
        "CHATWOOTAI_PORT_BASE": str(house.port_base),
        "CHATWOOTAI_LOCAL_DIR": str(house.home),
        "CHATWOOTAI_CONFIG_DIR": str(house.config),
        "CHATWOOTAI_VECTORS_DIR": str(house.data / "vectors"),
        "CHATWOOTAI_PLAYGROUND_DIR": str(house.data / "playground"),
        "CHATWOOTAI_STATE_URL": f"{redis}/0",
        "CHATWOOTAI_CACHE_URL": f"{redis}/1",
        "CHATWOOTAI_BROKER_URL": f"{redis}/2",
    }
    made_once = {
        "CHATWOOTAI_SECRET_KEY": _new_key(),
        "CHATWOOTAI_QDRANT_API_KEY": secrets.token_urlsafe(24),
        "CHATWOOTAI_PLAYGROUND_ADMIN_TOKEN": secrets.token_urlsafe(24),
    }
    values = written | {name: old.get(name) or value for name, value in made_once.items()}
    if house.test:
        values |= _test_settings(house)
    values |= {name: value for name, value in old.items() if name not in values}
    _write_env(house, values)
    return values


def _write_env(house: House, values: dict[str, str]) -> None:
    text = HEADER + "".join(f"{name}={value}\n" for name, value in values.items())
    if not house.sidecar_env.exists() or house.sidecar_env.read_text() != text:
        write_private(house.sidecar_env, text)


def _test_settings(house: House) -> dict[str, str]:
    """The tests talk to a double of the LLM's API, which they start themselves, and wait less."""
    return {
        "CHATWOOTAI_LLM_BASE_URL": f"http://127.0.0.1:{house.port(8)}/v1",
        "CHATWOOTAI_LLM_API_KEY": "test-key",
        "CHATWOOTAI_EMBEDDING_BASE_URL": "",
        "CHATWOOTAI_EMBEDDING_API_KEY": "",
        "CHATWOOTAI_DEBOUNCE": "0.3",
        "CHATWOOTAI_LEASE_TTL": "4",
        "CHATWOOTAI_BREAKER_PAUSE": "1",
    }


def ensure_admin_password(house: House) -> str:
    """The password of Odoo's administrator, made once."""
    file = house.admin_password_file
    if not file.exists():
        write_private(file, secrets.token_urlsafe(12) + "\n")
    return file.read_text().strip()


def ensure_vault_keys(house: House) -> list[str]:
    """Keys that encrypt the credentials in Odoo's database, the newest first; made once."""
    if not house.vault_keys_file.exists():
        write_private(house.vault_keys_file, VAULT_HEADER + _new_key() + "\n")
    lines = (line.strip() for line in house.vault_keys_file.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def add_keys(house: House) -> None:
    """Put a new key in front of Odoo's and of the sidecar's; the old ones go on decrypting."""
    keys = [_new_key(), *ensure_vault_keys(house)]
    write_private(house.vault_keys_file, VAULT_HEADER + "".join(f"{key}\n" for key in keys))
    name, values = "CHATWOOTAI_SECRET_KEY", ensure_sidecar_env(house)
    values[name] = f"{_new_key()},{values[name]}"
    _write_env(house, values)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def process_environment(house: House) -> dict[str, str]:
    """Environment for the house's programs: the caller's, and where the house is.

    The sidecar reads `.local/sidecar.env` and a person's `.env` by itself. The tests' values are
    passed here instead, over everything, so that nothing of a person's own reaches them.
    """
    environment = clean_environment(settings=not house.test)
    if house.test:
        environment |= read_env(house.sidecar_env)
    return environment | {
        "CHATWOOTAI_HOME": str(house.home),
        "CHATWOOTAI_ODOO_URL": house.odoo_url,
        "CHATWOOTAI_ODOO_DB": house.database,
        "CHATWOOTAI_ADMIN_PASSWORD_FILE": str(house.admin_password_file),
        "AI_CREDENTIALS_KEY_FILE": str(house.vault_keys_file),
    }


def clean_environment(*, settings: bool = False) -> dict[str, str]:
    """The caller's environment without what would change our programs behind our back.

    Odoo 19 lets PG* and ODOO_* win over its file; uncached bytecode costs seconds at each start.
    Our own settings go as well, unless `settings` keeps them.
    """

    def kept(name: str) -> bool:
        if name.startswith(("PG", "ODOO_", "AI_CREDENTIALS_")) or name == "PYTHONDONTWRITEBYTECODE":
            return False
        return settings or not name.startswith("CHATWOOTAI_") or name == "CHATWOOTAI_SHARED"

    return {name: value for name, value in os.environ.items() if kept(name)}


def write_redis_conf(house: House, values: dict[str, str]) -> Path:
    """Redis's configuration: loopback, password, append-only file, nothing evicted."""
    folder = house.data / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    file = house.run / "redis.conf"
    write_private(
        file,
        f"""bind 127.0.0.1
port {house.port(9)}
requirepass {redis_password(values)}
dir {_quoted(folder)}
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
save ""
daemonize no
logfile ""
""",
    )
    return file


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_odoo_conf(house: House) -> Path:
    """Odoo's configuration: the top-level odoo.conf plus what is only true here."""
    conf = configparser.RawConfigParser()
    conf.read(house.root / "odoo.conf")
    file = house.run / "odoo.conf"
    previous = configparser.RawConfigParser()
    previous.read(file)
    options = {
        "db_host": str(house.postgres_sockets),
        "db_port": str(postgres.PORT),
        "db_user": "odoo",
        "db_name": house.database,
        "dbfilter": f"^{house.database}$",
        "data_dir": str(house.data / "odoo"),
        "addons_path": str(house.root / "addons"),
        "http_interface": "127.0.0.1",
        "http_port": str(house.odoo_port),
        "admin_passwd": previous.get("options", "admin_passwd", fallback="")
        or secrets.token_urlsafe(32),
    }
    for name, value in options.items():
        conf.set("options", name, value)
    (house.data / "odoo").mkdir(parents=True, exist_ok=True)
    lines = [f"{name} = {value}\n" for name, value in conf.items("options")]
    write_private(file, "[options]\n" + "".join(lines))
    return file
