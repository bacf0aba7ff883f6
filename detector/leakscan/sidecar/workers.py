"""Several processes on one port: a parent starts them, adds up their counters, and replaces dead ones.

Not here: what a worker does (`service`).
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from leakscan.errors import LeakscanError
from leakscan.terminal import say

from .engine import config_hash, state_of
from .forward.endpoint import mark_of, remove, unix_socket
from .metrics import Metrics, Snapshot, total
from .process import harden, run
from .service import Worker, admin_port, shown

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from .config import Config
    from .proxy import State

#: Seconds before a dead worker is started again.
_PAUSE: Final = 1.0
_TICK: Final = 0.2
_FAILED: Final = 2


@dataclass(slots=True)
class _Child:
    """A worker as its parent sees it."""

    process: BaseProcess
    connection: Connection
    is_ready: bool = False
    snapshot: Snapshot = field(default_factory=lambda: Metrics().snapshot())


class Workers:
    """The parent. Its own process serves nothing but the admin port."""

    def __init__(self, state: State, load: Callable[[], Config]) -> None:
        self._state = state
        self._load = load
        self._children: list[_Child] = []
        self._ended: list[Snapshot] = []  # one entry: the sum of all that are gone
        self._hash = config_hash(state)
        self._stopping = False
        self._told = False
        # a unix socket cannot be shared by its path
        self._sockets: dict[str, socket.socket] = {}

    def snapshot(self) -> Snapshot:
        """Return the counters of all workers, also of those that ended."""
        return total([*self._ended, *(child.snapshot for child in self._children)])

    def is_ready(self) -> bool:
        """Tell whether all workers take requests."""
        return not self._stopping and all(child.is_ready for child in self._children)

    async def serve(self) -> int:
        """Run until told to stop; return the exit code."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: asyncio.ensure_future(self._reload()))
        config = self._state.config
        for forward in config.forward:
            if forward.listen.address is None:
                path = forward.listen.path
                self._sockets[path] = unix_socket(path, forward.socket_mode)
        marks = {path: mark_of(path) for path in self._sockets}
        # processes are made before there is anything in the loop that they could inherit
        self._children = [self._start() for _ in range(config.workers)]
        async with admin_port(config, self.snapshot, self.is_ready, lambda: self._hash):
            while not stop.is_set():
                self._listen()
                if not await self._mend(stop):
                    return _FAILED
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _TICK)
            self._stopping = True
            self._signal(signal.SIGTERM)
            while any(child.process.is_alive() for child in self._children):
                self._listen()
                await asyncio.sleep(_TICK / 4)
            self._listen()
        for path, mark in marks.items():
            remove(path, mark)
        return 0

    async def _reload(self) -> None:
        try:
            config = await asyncio.to_thread(self._load)
            state = await asyncio.to_thread(state_of, config)
        except LeakscanError as error:
            say(f"the new configuration is not used, the old one stays: {error}")
            return
        self._state = state
        self._hash = config_hash(state)
        self._signal(signal.SIGHUP)

    def _start(self) -> _Child:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        arguments = (self._state, self._load, theirs, ours, self._sockets)
        process = multiprocessing.get_context("fork").Process(target=_work, args=arguments)
        process.start()
        theirs.close()
        return _Child(process, ours)

    def _listen(self) -> None:
        for child in self._children:
            with contextlib.suppress(EOFError, OSError):
                while child.connection.poll():
                    child.is_ready, _, child.snapshot = child.connection.recv()
        if not self._told and self.is_ready():
            self._told = True
            config = self._state.config
            if config.grpc is not None:
                where = config.grpc.listen
                say(f"gRPC on {shown(config, where.host, where.port)} in {config.workers} workers")
            for forward in config.forward:
                say(f"Forward on {forward.listen} in {config.workers} workers")
            if config.routes:
                where = config.listen
                say(f"listening on {shown(config, where.host, where.port)} in {config.workers} workers")

    async def _mend(self, stop: asyncio.Event) -> bool:
        """Start dead workers again; False when they cannot even begin."""
        for place, child in enumerate(self._children):
            if child.process.is_alive():
                continue
            self._listen()
            self._ended = [total([*self._ended, child.snapshot._replace(gauges={})])]
            if not self._told and child.process.exitcode == _FAILED:
                self._signal(signal.SIGTERM)
                return False
            say(f"a worker ended (exit code {child.process.exitcode}) and is started again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PAUSE)
                return True
            self._children[place] = self._start()
        return True

    def _signal(self, number: int) -> None:
        for child in self._children:
            if child.process.pid is not None and child.process.is_alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.process.pid, number)


def _work(
    state: State,
    load: Callable[[], Config],
    parent: Connection,
    inherited: Connection,
    sockets: Mapping[str, socket.socket],
) -> None:
    """Be a worker."""
    inherited.close()  # or the parent's death would not be seen
    harden()

    async def serve() -> None:
        await Worker(state, load, parent=parent, shares_port=True, sockets=sockets).serve()

    try:
        run(serve)
    except LeakscanError as error:
        say(str(error))
        sys.exit(_FAILED)
