"""A bounded load on one loopback address: 16 kept connections for some seconds."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Load:
    """rate: requests per second; p99: seconds; errors: answers that were not 200."""

    rate: float
    p99: float
    errors: int


def hammer(
    host: str,
    port: int,
    path: str,
    request: Callable[[int], tuple[bytes, dict[str, str]]],
    seconds: float,
) -> Load:
    """POST `request(n)` (body, headers) for `seconds` over kept connections."""
    if host != "127.0.0.1":
        raise ValueError("loads go to the loopback only")
    numbers, times, lock = itertools.count(), [], threading.Lock()
    errors = 0
    stop_at = time.monotonic() + seconds

    def work() -> None:
        nonlocal errors
        connection = http.client.HTTPConnection(host, port, timeout=10)
        mine, bad = [], 0
        while time.monotonic() < stop_at:
            body, headers = request(next(numbers))
            started = time.monotonic()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            mine.append(time.monotonic() - started)
            bad += answer.status != 200
        connection.close()
        with lock:
            times.extend(mine)
            errors += bad

    threads = [threading.Thread(target=work) for _ in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return Load(len(times) / seconds, times[int(len(times) * 0.99)], errors)
