"""`make load`: the highest rate this machine carries, five minutes of it, a burst at three times.

`python -m tests.load [minutes]`. 1 when a message was lost, doubled or out of order, when the
floor is not reached, or when an answer or an acknowledgement came too late.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.load.customers import Customers, Sent, percentile
from tests.load.house import LoadHouse

TENANTS, FLOOR, GOAL = 15, 4.0, 8.0
LATE, BURST_ACK, IDLE_ACK = 4.0, 0.150, 0.050
_STEP, _STEP_SECONDS, _MOST = 2.0, 25.0, 30.0
_SHARE = 0.9  # of the knee is what may be carried for long; if it is not, less is tried
_DOWN, _PART = 1.5, 30.0  # turns/s less, seconds after which it shows
_BURST, _BURST_SECONDS = 3.0, 15.0
_DRAIN = 240.0


def main() -> int:
    minutes = float(sys.argv[1]) if sys.argv[1:] else 5.0
    with (
        tempfile.TemporaryDirectory(prefix="load-") as folder,
        LoadHouse(Path(folder) / "house", TENANTS) as house,
    ):
        print(f"{TENANTS} tenants, model 1 s, {os.cpu_count()} cores, load {_busy()}", flush=True)
        house.start("web")
        good = _idle_door(house)
        house.start("worker", "scheduler")
        customers = Customers(house)
        customers.write(2.0, 5.0)  # what is loaded lazily is loaded
        customers.settle(_DRAIN)
        knee = _knee(customers)
        good &= _line(
            "knee", f"{knee:.1f} turns/s", knee >= FLOOR, f"≥ {FLOOR:.0f}, goal {GOAL:.0f}"
        )
        rate, carried = _carried(customers, max(knee * _SHARE, FLOOR), minutes * 60)
        good &= carried
        good &= _burst(customers, rate)
        if not good:
            print(house.logs())
    return int(not good)


def _idle_door(house: LoadHouse) -> bool:
    """Acknowledgements at 200 a second while nobody works."""
    sent = Customers(house, conversations=100, first=1_000_000).write(200.0, 10.0)
    house.forget_messages()
    p99 = percentile([one.ack for one in sent], 99)
    refused = sum(one.status != 200 for one in sent)
    told = f"ack p99 {p99 * 1000:.0f} ms, {refused} refused"
    return _line("door, 200/s, idle", told, p99 <= IDLE_ACK and not refused, "≤ 50 ms")


def _knee(customers: Customers) -> float:
    """The highest rate at which answers are not later at the end of a step than they may be."""
    rate, held = FLOOR, 0.0
    while rate <= _MOST:
        sent = customers.write(rate, _STEP_SECONDS)
        customers.settle(_DRAIN)
        verdict = customers.verdict(sent)
        print(f"  {rate:4.1f} turns/s: p95 {verdict.p95():.1f} s after the debounce", flush=True)
        if verdict.p95() > LATE or not verdict.clean:
            break
        held, rate = rate, rate + _STEP
    return held


def _carried(customers: Customers, rate: float, seconds: float) -> tuple[float, bool]:
    """The highest rate, from `rate` down, whose answers are not late for all that time."""
    clean = True
    while True:
        sent, on_time = _hold(customers, rate, seconds)
        customers.settle(_DRAIN)
        p95, name = customers.verdict(sent).p95(), f"{rate:.1f} turns/s for {seconds / 60:.1f} min"
        on_time = on_time and p95 <= LATE
        clean &= _clean(name, customers, sent)
        if on_time or rate <= FLOOR:
            return rate, _line(name, f"p95 {p95:.1f} s, load {_busy()}", on_time, "≤ 4 s") and clean
        print(f"  {rate:4.1f} turns/s were too many after {len(sent) / rate:.0f} s", flush=True)
        rate = max(rate - _DOWN, FLOOR)


def _hold(customers: Customers, rate: float, seconds: float) -> tuple[list[Sent], bool]:
    """What was sent in `seconds`, or until answers were late; and whether they were not."""
    sent: list[Sent] = []
    part: list[Sent] = []
    for begun in range(0, int(seconds), int(_PART)):
        before, part = part, customers.write(rate, min(_PART, seconds - begun))
        sent += part
        told = customers.verdict(before)
        if told.p95() > LATE or told.lost:  # not answered a whole part later
            return sent, False
    return sent, True


def _burst(customers: Customers, rate: float) -> bool:
    sent = customers.write(rate * _BURST, _BURST_SECONDS)
    started = time.monotonic()
    settled = customers.settle(_DRAIN)
    p99 = percentile([one.ack for one in sent], 99)
    name = f"burst of {rate * _BURST:.1f}/s for {_BURST_SECONDS:.0f} s"
    told = f"ack p99 {p99 * 1000:.0f} ms, over {time.monotonic() - started:.0f} s later"
    good = _line(name, told, p99 <= BURST_ACK and settled, "≤ 150 ms")
    return _clean(name, customers, sent) and good


def _clean(name: str, customers: Customers, sent: list[Sent]) -> bool:
    verdict = customers.verdict(sent)
    told = (
        f"{len(sent)} messages: {verdict.lost} lost, {verdict.doubled} doubled,"
        f" {verdict.disordered} out of order"
    )
    return _line(name, told, verdict.clean, "0, 0, 0")


def _line(name: str, figures: str, good: bool, bar: str) -> bool:
    print(f"{'✓' if good else '✗'} {name:<32} {figures}   [{bar}]", flush=True)
    return good


def _busy() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
