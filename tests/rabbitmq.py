"""A real RabbitMQ node on loopback ports of its own; can be killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.conftest import free_port

_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # not Debian's wrapper: it changes the user
_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"


class RabbitServer:
    """One node over a folder; `url` is the broker's. `guest` may enter from loopback only."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}"
        self._names = free_port()  # epmd's, so that no other node's is used or left running
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "plugins").write_text("[].\n")
        # a busy build machine has little disk: the default limit would block every publisher
        (folder / "rabbitmq.conf").write_text("disk_free_limit.absolute = 10MB\n")
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"chatwootai{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "db"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _LOOPBACK,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._names),
        }

    def start(self) -> "RabbitServer":
        """Start the node and wait until it accepts connections."""
        assert Path(_SERVER).exists(), "rabbitmq-server is not installed: run `make test`"
        log = self.folder / "server.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [_SERVER],
                cwd=self.folder,  # where it leaves what it dumps
                env=self._environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._process.poll() is None, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise AssertionError(f"RabbitMQ does not listen: {log.read_text()}")

    def kill(self) -> None:
        """kill -9 of the node."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Kill the node, and the name service that it started."""
        self.kill()
        epmd = shutil.which("epmd")
        assert epmd
        command = [epmd, "-port", str(self._names), "-kill"]
        for _ in range(50):  # refused until it has noticed that the node is gone
            told = subprocess.run(
                command, env=self._environment, check=False, capture_output=True, text=True
            )
            if "Killed" in told.stdout:
                return
            time.sleep(0.1)
        raise AssertionError(f"epmd stays: {told.stdout}{told.stderr}")
