"""Memory of the processes: PSS, so that what forked workers share counts once."""

import psutil

from tests.bench.house import row
from tests.e2e.conftest import Processes, until


def main() -> None:
    """The largest worker of the web process and of the worker process."""
    for name, bar in (("web", "≤ 90 MB a worker"), ("worker", "≤ 350 MB a process")):
        master = psutil.Process(Processes().pid(name))
        forked = until(lambda m=master: m.children(recursive=True))
        sizes = [p.memory_full_info().pss / 2**20 for p in forked]
        own = master.memory_full_info().pss / 2**20
        told = ", ".join(f"{size:.0f}" for size in sorted(sizes, reverse=True))
        row(f"memory of {name}, PSS", f"{told} MB; its master {own:.0f} MB", bar)
