"""Measuring fairly: the ways in turn, round after round, in one thread; processor time."""

from __future__ import annotations

import ctypes
import os
import struct
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import NamedTuple

Way = Callable[[], object]
_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}
_IOC_ENABLE, _IOC_DISABLE, _IOC_RESET = 0x2400, 0x2401, 0x2403


class Cost(NamedTuple):
    """Medians over the rounds; instructions are None where the system does not count them."""

    seconds: float
    instructions: float | None


class Instructions:
    """Counts the instructions of this process in user mode, where Linux lets us."""

    def __init__(self) -> None:
        self._file = -1
        number = _PERF_EVENT_OPEN.get(os.uname().machine)
        if number is None:
            return
        # perf_event_attr: hardware, size, instructions; flags: disabled, no kernel, no hypervisor.
        attributes = struct.pack("IIQQQQQ", 0, 112, 1, 0, 0, 0, 0b1100001).ljust(112, b"\0")
        buffer = ctypes.create_string_buffer(attributes, 112)
        self._file = ctypes.CDLL(None).syscall(number, buffer, 0, -1, -1, 0)

    def count(self, way: Way) -> float | None:
        """Run ``way``; return how many instructions it took."""
        if self._file < 0:
            way()
            return None
        library = ctypes.CDLL(None)
        for request in (_IOC_RESET, _IOC_ENABLE):
            library.ioctl(self._file, request, 0)
        way()
        library.ioctl(self._file, _IOC_DISABLE, 0)
        return float(struct.unpack("Q", os.read(self._file, 8))[0])


def costs(ways: Mapping[str, Way], *, rounds: int) -> dict[str, Cost]:
    """Run every way once to warm up, then ``rounds`` times in turn."""
    counter = Instructions()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    counts: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            found = counter.count(way)
            seconds[name].append(time.process_time() - start)
            if found is not None:
                counts[name].append(found)
    return {
        name: Cost(median(values), median(counts[name]) if counts[name] else None)
        for name, values in seconds.items()
    }


def table(title: str, found: Mapping[str, Cost], *, base: str, unit_s: float = 1.0) -> None:
    """Print costs and how many times as fast as ``base`` each way is."""
    has_counts = all(cost.instructions is not None for cost in found.values())
    unit = {1.0: "s", 1e-3: "ms"}[unit_s]
    print(f"\n{title}\n{'':34}{'CPU ' + unit:>10}{'ratio':>8}{'instructions':>16}")
    for name, cost in found.items():
        ratio = found[base].seconds / max(cost.seconds, 1e-9)
        count = f"{cost.instructions / 1e6:,.0f} M" if has_counts else "not counted"
        print(f"{name:34}{cost.seconds / unit_s:10.3f}{ratio:8.2f}{count:>16}")
