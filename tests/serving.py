"""A service in processes of its own, for tests under load."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import define, field

START = (
    "import argparse, sys\n"
    "from tarlatamab_rules.service import command\n"
    "parser = argparse.ArgumentParser()\n"
    "command.add_to(parser.add_subparsers())\n"
    "if __name__ == '__main__':\n"
    "    sys.exit(command.run(parser.parse_args()))\n"
)


@define
class Served:
    """A service that runs.

    Attributes:
        process: Its first process.

        port: Where it listens, on this machine.

        log: What it writes.
    """

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def children(self) -> list[int]:
        """Its processes that answer."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in listed.split() if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def stop(self) -> int:
        """Stops it gracefully, and says with which status it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    """A service, from when it is ready to its stop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script, log = folder / "start.py", folder / "log"
    script.write_text(START, encoding="utf-8")
    with log.open("wb") as stream:
        command = [sys.executable, str(script), "serve", "--port", str(port), *options]
        process = subprocess.Popen(command, stderr=stream, env=dict(os.environ))
    running = Served(process, port, log)
    try:
        for _ in range(300):
            if asyncio.run(status_of(port, "GET", "/ready")) == 200:
                break
            time.sleep(0.1)
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


async def status_of(port: int, method: str, path: str, body: bytes = b"") -> int:
    """The status of one request on a connection of its own; 0 if there is none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return 0
    try:
        writer.write(written(method, path, body))
        return await answered(reader)
    except (OSError, asyncio.IncompleteReadError):
        return 0
    finally:
        await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    """Closes a connection, which may be broken, and waits for it."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def written(method: str, path: str, body: bytes) -> bytes:
    """A request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def answered(reader: asyncio.StreamReader) -> int:
    """The status of an answer, which is read to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


@define
class Load:
    """What many clients at a time saw.

    Attributes:
        seconds: How long each answer took.

        statuses: How often each status came; 0: the connection broke.
    """

    seconds: list[float] = field(factory=list)
    statuses: dict[int, int] = field(factory=dict)

    def count(self, status: int) -> None:
        """Counts one answer."""
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def share(self, part: float) -> float:
        """The time within which this part of the answers came."""
        return sorted(self.seconds)[min(int(len(self.seconds) * part), len(self.seconds) - 1)]


async def load(port: int, clients: int, seconds: float, body: bytes, path: str = "/assess") -> Load:
    """Many clients, each of which sends a request as soon as the one before is answered, on one connection while it holds."""
    seen = Load()
    until = time.perf_counter() + seconds

    async def client() -> None:
        connection: Any = None
        while time.perf_counter() < until:
            started = time.perf_counter()
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                connection[1].write(written("POST", path, body))
                status = await answered(connection[0])
            except (OSError, asyncio.IncompleteReadError):
                if connection:
                    await _closed(connection[1])
                status, connection = 0, None
                await asyncio.sleep(0.05)
            seen.count(status)
            seen.seconds.append(time.perf_counter() - started)
        if connection:
            await _closed(connection[1])

    await asyncio.gather(*(client() for _ in range(clients)))
    return seen


def log_of(running: Served) -> list[dict[str, Any]]:
    """The log, each line of which must be JSON."""
    return [json.loads(line) for line in running.log.read_text(encoding="utf-8").splitlines()]
