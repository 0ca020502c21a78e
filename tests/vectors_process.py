"""`sidecar vectors` really started on a free port; can be killed and started again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests
from qdrant_client import QdrantClient

from sidecar.search.client import qdrant_client
from tests.conftest import free_port

KEY = "a-key-for-tests"


class VectorsProcess:
    """The server over a folder; `log` is what it printed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "VectorsProcess":
        """Starts it and waits until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sidecar", "vectors"],
                env={
                    **os.environ,
                    "CHATWOOTAI_PORT_BASE": str(self.port - 6),
                    "CHATWOOTAI_VECTORS_DIR": str(self.folder),
                    "CHATWOOTAI_QDRANT_API_KEY": KEY,
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                requests.get(f"{self.url}/readyz", timeout=2)
            except requests.RequestException:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError(f"vectors is not ready: {self.log.read_text()}")

    def kill(self) -> None:
        """kill -9 of the whole process group, in the middle of whatever it does."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """A tidy end; the exit code."""
        return self._signal(signal.SIGTERM)

    def client(self, key: str = KEY, **options: Any) -> QdrantClient:
        """qdrant-client speaking to it."""
        return qdrant_client(self.url, key, timeout=30, **options)

    def _signal(self, number: signal.Signals) -> int:
        assert self.process
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        return self.process.wait(timeout=30)
