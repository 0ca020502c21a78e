"""Bounded loads on one loopback address: as fast as it goes (wrk), or at a steady rate."""

import http.client
import re
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Request = Callable[[int], tuple[bytes, dict[str, str]]]

_CONNECTIONS = 32
_STEADY_THREADS = 16
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}

# Sends prepared requests: one a line, headers first. A thread that has sent all of its share
# stops, so nothing is sent twice.
_SCRIPT = """
local threads = 0
function setup(thread) thread:set("share", threads); threads = threads + 1 end
function init(args)
  bodies = {}
  local number = 0
  for line in io.lines(args[1]) do
    if number %% 2 == share then bodies[#bodies + 1] = line end
    number = number + 1
  end
  at = 0
end
function request()
  at = at + 1
  if at > #bodies then wrk.thread:stop(); at = #bodies end
  local head, body = bodies[at]:match("^(.-)\t(.*)$")
  local headers = {["Content-Type"] = "application/json"}
  for name, value in head:gmatch("([^=;]+)=([^;]*);") do headers[name] = value end
  return wrk.format("POST", nil, headers, body)
end
""".replace("%%", "%")


@dataclass(frozen=True, slots=True)
class Load:
    """rate: requests per second; p50, p99: seconds; errors: answers that were not 2xx."""

    rate: float
    p50: float
    p99: float
    errors: int


def saturate(port: int, path: str, request: Request, count: int, folder: Path) -> Load:
    """POST `request(n)` (body, headers) for n below `count`, 32 connections, at most 15 seconds.

    wrk is a compiled client: one in Python would be what is measured.
    """
    script, prepared = folder / "prepared.lua", folder / "requests.txt"
    script.write_text(_SCRIPT)
    with prepared.open("wb") as file:
        for number in range(count):
            body, headers = request(number)
            assert b"\n" not in body
            head = "".join(f"{name}={value};" for name, value in headers.items())
            file.write(head.encode() + b"\t" + body + b"\n")
    command = ["wrk", "-t2", f"-c{_CONNECTIONS}", "-d15s", "--latency", "-s", script]
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}", "--", prepared],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    sent, seconds = re.search(r"(\d+) requests in ([\d.]+s|[\d.]+ms)", told).groups()
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Load(
        rate=int(sent) / _seconds(seconds),
        p50=_seconds(re.search(r"50%\s+(\S+)", told).group(1)),
        p99=_seconds(re.search(r"99%\s+(\S+)", told).group(1)),
        errors=int(bad.group(1)) if bad else 0,
    )


def steady(port: int, path: str, request: Request, rate: float, seconds: float) -> Load:
    """POST `request(n)` at `rate` a second, on time whatever the answers take (an open loop).

    A request's latency counts from when it was due, so a stall is not hidden by the requests it
    held up.
    """
    total, lock, times = int(rate * seconds), threading.Lock(), []
    started, following, errors = time.monotonic() + 0.2, iter(range(total)), 0

    def work() -> None:
        nonlocal errors
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while True:
            with lock:
                number = next(following, None)
            if number is None:
                break
            body, headers = request(number)
            due = started + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            with lock:
                times.append(time.monotonic() - due)
                errors += answer.status // 100 != 2
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(_STEADY_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return Load(rate, times[len(times) // 2], times[int(len(times) * 0.99)], errors)


def _seconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()
    return float(number) * _UNITS[unit]
