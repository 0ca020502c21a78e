"""deploy: ports, folders, secrets and the clear line when something is in the way."""

import base64
import configparser
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.native import debian, environment, health, postgres, shell, supervisor
from deploy.native.paths import SOCKET_PATH_MAX, open_house, remember_choices
from deploy.native.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def house(tmp_path, monkeypatch):
    for name in ("PORT_BASE", "ODOO_PORT", "TEST_PORT_BASE", "TEST_ODOO_PORT", "ODOO_BIN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "odoo.conf").write_text((ROOT / "odoo.conf").read_text())
    house = open_house(tmp_path)
    house.make_folders()
    return house


# -- ports and folders --------------------------------------------------------------------------


def test_a_choice_of_ports_is_remembered(house, monkeypatch):
    monkeypatch.setenv("PORT_BASE", "9000")
    monkeypatch.setenv("ODOO_PORT", "9100")
    remember_choices(open_house(house.root))
    monkeypatch.delenv("PORT_BASE")
    monkeypatch.delenv("ODOO_PORT")
    again = open_house(house.root)
    assert (again.port_base, again.odoo_port) == (9000, 9100)


def test_the_tests_keep_to_their_own_ports_and_folder(house, monkeypatch):
    monkeypatch.setenv("PORT_BASE", "9000")
    tests = open_house(house.root, test=True)
    assert (tests.port_base, tests.odoo_port) == (18000, 18069)
    assert tests.home == house.local / "test"
    assert tests.venv == house.venv


@pytest.mark.parametrize("value", ["x", "80", "70000", "-1", "8000.5"])
def test_a_port_that_is_none_is_refused_by_name(house, monkeypatch, value):
    monkeypatch.setenv("PORT_BASE", value)
    with pytest.raises(Trouble, match="PORT_BASE"):
        open_house(house.root)


def test_odoo_may_not_sit_among_the_sidecars_ports(house, monkeypatch):
    monkeypatch.setenv("PORT_BASE", "9000")
    monkeypatch.setenv("ODOO_PORT", "9005")
    with pytest.raises(Trouble, match="9000-9009"):
        open_house(house.root)


def test_sockets_move_to_a_short_private_folder_when_the_clone_lies_deep(tmp_path):
    deep = open_house(tmp_path / ("d" * 90) / "clone")
    assert deep.sockets != deep.run
    assert len(str(deep.sockets / "supervisor.sock.4194304")) <= SOCKET_PATH_MAX
    assert deep.sockets != open_house(tmp_path / ("e" * 90) / "clone").sockets


def test_a_taken_port_is_named_with_its_holder_and_a_way_out(house, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("ODOO_PORT", str(port))
        monkeypatch.setenv("PORT_BASE", "2000" if port > 3000 else "20000")
        with pytest.raises(Trouble) as refusal:
            health.check_ports(open_house(house.root))
    text = str(refusal.value)
    assert f"port {port} (odoo)" in text
    assert f"process {os.getpid()}" in text
    assert "make up ODOO_PORT=" in text
    assert "\n" not in text


# -- Debian packages ----------------------------------------------------------------------------


def test_without_root_a_missing_package_is_one_line_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    monkeypatch.setitem(debian.CHECKS, "redis-server", lambda: False)
    with pytest.raises(Trouble) as refusal:
        debian.ensure(("redis-server",), tmp_path / "log", print)
    assert str(refusal.value).endswith("sudo apt-get install --no-install-recommends redis-server")


def test_services_are_kept_from_starting_and_an_older_policy_comes_back(tmp_path, monkeypatch):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    policy.chmod(0o755)
    monkeypatch.setattr(debian, "POLICY", policy)
    with debian._no_service_starts():
        assert subprocess.run([policy], check=False).returncode == 101
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert list(tmp_path.iterdir()) == [policy]


def test_without_an_older_policy_none_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    with debian._no_service_starts():
        assert (tmp_path / "policy-rc.d").exists()
    assert list(tmp_path.iterdir()) == []


# -- settings and secrets -----------------------------------------------------------------------


def test_secrets_are_made_once_and_readable_by_their_owner_only(house):
    first = environment.ensure_sidecar_env(house)
    second = environment.ensure_sidecar_env(house)
    assert first == second == environment.read_env(house.sidecar_env)
    assert stat.S_IMODE(house.sidecar_env.stat().st_mode) == 0o600
    assert len(base64.b64decode(first["CHATWOOTAI_SECRET_KEY"])) == 32
    assert environment.ensure_admin_password(house) == environment.ensure_admin_password(house)


def test_rotating_puts_new_keys_before_the_old_ones(house):
    (old_vault,) = environment.ensure_vault_keys(house)
    old_sidecar = environment.ensure_sidecar_env(house)["CHATWOOTAI_SECRET_KEY"]
    environment.add_keys(house)
    new_vault, kept_vault = environment.ensure_vault_keys(house)
    new_sidecar, kept_sidecar = environment.ensure_sidecar_env(house)[
        "CHATWOOTAI_SECRET_KEY"
    ].split(",")
    assert (kept_vault, kept_sidecar) == (old_vault, old_sidecar)
    assert len({old_vault, new_vault, old_sidecar, new_sidecar}) == 4
    assert all(len(base64.b64decode(key)) == 32 for key in (new_vault, new_sidecar))
    assert stat.S_IMODE(house.vault_keys_file.stat().st_mode) == 0o600


def test_other_ports_rewrite_the_urls_and_keep_the_secrets(house, monkeypatch):
    before = environment.ensure_sidecar_env(house)
    monkeypatch.setenv("PORT_BASE", "9000")
    after = environment.ensure_sidecar_env(open_house(house.root))
    old, new = (urlsplit(v["CHATWOOTAI_STATE_URL"]) for v in (before, after))
    assert (old.port, new.port) == (8009, 9009)
    assert old.password == new.password
    assert before["CHATWOOTAI_SECRET_KEY"] == after["CHATWOOTAI_SECRET_KEY"]


def test_a_persons_own_line_in_the_file_stays(house):
    environment.ensure_sidecar_env(house)
    with house.sidecar_env.open("a") as file:
        file.write("CHATWOOTAI_LOG_LEVEL=debug\n")
    assert environment.ensure_sidecar_env(house)["CHATWOOTAI_LOG_LEVEL"] == "debug"


def test_every_written_setting_is_one_the_sidecar_knows(house):
    from sidecar.settings import Settings

    known = {f"CHATWOOTAI_{name.upper()}" for name in Settings.model_fields}
    tests = open_house(house.root, test=True)
    tests.make_folders()
    written = {*environment.ensure_sidecar_env(house), *environment.ensure_sidecar_env(tests)}
    assert written <= known


def test_a_persons_settings_do_not_reach_the_tests(house, monkeypatch):
    monkeypatch.setenv("CHATWOOTAI_LLM_API_KEY", "a-real-key")
    monkeypatch.setenv("CHATWOOTAI_DOMAIN", "x")
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("ODOO_RC", "/elsewhere")
    tests = open_house(house.root, test=True)
    tests.make_folders()
    environment.ensure_sidecar_env(tests)
    given = environment.process_environment(tests)
    assert given["CHATWOOTAI_LLM_API_KEY"] == "test-key"
    assert not {"CHATWOOTAI_DOMAIN", "PGHOST", "ODOO_RC"} & set(given)
    assert environment.process_environment(house)["CHATWOOTAI_LLM_API_KEY"] == "a-real-key"


def test_odoos_configuration_is_the_common_one_and_what_is_true_here(house):
    file = environment.write_odoo_conf(house)
    secret = environment.write_odoo_conf(house).read_text()
    conf = configparser.RawConfigParser()
    conf.read(file)
    assert file.read_text() == secret  # the generated admin_passwd stays
    assert conf["options"]["list_db"] == "False"
    assert conf["options"]["proxy_mode"] == "False"
    assert conf["options"]["http_interface"] == "127.0.0.1"
    assert len(conf["options"]["admin_passwd"]) > 30
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_redis_is_durable_has_a_password_and_listens_on_loopback(house):
    values = environment.ensure_sidecar_env(house)
    text = environment.write_redis_conf(house, values).read_text()
    lines = dict(line.split(" ", 1) for line in text.splitlines())
    assert lines["bind"] == "127.0.0.1"
    assert lines["appendonly"] == "yes"
    assert lines["maxmemory-policy"] == "noeviction"
    assert len(lines["requirepass"]) > 20


def test_only_the_tests_do_without_fsync():
    assert "fsync" not in postgres.DURABLE
    assert postgres.THROWN_AWAY["fsync"] == "off"


# -- processes ----------------------------------------------------------------------------------


def test_no_program_starts_by_itself_and_each_is_restarted(house, monkeypatch):
    monkeypatch.setattr(postgres, "command", lambda house: ["postgres", "-D", "a 100% path"])
    conf = configparser.ConfigParser()
    conf.read_string(supervisor.configuration(house))
    programs = [name for name in conf.sections() if name.startswith("program:")]
    assert programs == [f"program:{name}" for name in supervisor.PROGRAMS]
    keys = str(house.vault_keys_file)
    with_keys = [p for p in programs if keys in conf[p].get("environment", "")]
    assert with_keys == ["program:odoo", "program:odoo-rpc"]
    for program in programs:
        assert conf[program]["autostart"] == "false"
        assert conf[program]["autorestart"] == "true"
    assert conf["program:postgres"]["command"] == "postgres -D 'a 100% path'"
    assert "inet_http_server" not in conf


def test_what_a_killed_manager_left_is_found_and_ended(house):
    mark = {supervisor.MARK: str(house.home)}
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    with (
        subprocess.Popen(command, env=mark, stdout=subprocess.PIPE) as ours,
        subprocess.Popen(
            command, env={supervisor.MARK: "/another"}, stdout=subprocess.PIPE
        ) as other,
    ):
        ours.stdout.readline(), other.stdout.readline()
        try:
            assert supervisor.end_leftovers(house) == 1
            assert ours.wait(10) != 0
            assert other.poll() is None
        finally:
            other.kill()


# -- running programs ---------------------------------------------------------------------------


def test_a_failing_program_is_named_with_the_end_of_its_output(tmp_path):
    script = "import sys; print('first'); print('the reason'); sys.exit(3)"
    with pytest.raises(Trouble, match=r"initdb failed \(exit 3\)") as refusal:
        shell.run([sys.executable, "-c", script], tmp_path / "log", what="initdb")
    assert refusal.value.details[-1] == "the reason"


def test_a_missing_program_is_named(tmp_path):
    with pytest.raises(Trouble, match="cannot run /nowhere/initdb"):
        shell.run(["/nowhere/initdb"], tmp_path / "log", what="initdb")


def test_a_digest_follows_names_and_contents(tmp_path):
    (tmp_path / "addon").mkdir()
    file = tmp_path / "addon" / "a.py"
    file.write_text("1")
    first = shell.digest_of([tmp_path / "addon"])
    file.write_text("2")
    second = shell.digest_of([tmp_path / "addon"])
    file.rename(file.with_name("b.py"))
    assert len({first, second, shell.digest_of([tmp_path / "addon"])}) == 3


def test_two_commands_do_not_work_on_one_house(tmp_path):
    with (
        shell.lock(tmp_path / "lock", busy="busy"),
        pytest.raises(Trouble, match="busy"),
        shell.lock(tmp_path / "lock", busy="busy"),
    ):
        pytest.fail("the second one got in")
