"""Starting, reloading and stopping: one process that serves, or a parent with several that share a port.

SIGTERM drains: readiness goes false, then no new connections are taken, then what is under way finishes.
SIGHUP reads the configuration again; a bad one is said and the old one kept.

Not here: requests (`proxy`), the admin port's answers (`admin`).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import signal
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from leakscan.errors import ConfigError, LeakscanError
from leakscan.terminal import say

from .admin import STEP, Admin
from .engine import config_hash, state_of
from .metrics import Metrics, Snapshot, total
from .process import settle
from .proxy import Proxy
from .server import Server
from .tls import server_tls

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection

    from .calls import Calls
    from .config import Config
    from .forward.relay import Relay
    from .proxy import State

#: Parts of a configuration that are fixed while a process runs.
_FIXED: Final = (
    "listen",
    "grpc",
    "admin",
    "workers",
    "tls_cert",
    "tls_key",
    "tls_client_ca",
    "upstream_ca",
    "limits",
)
_TICK: Final = 1.0
_BACKLOG: Final = 1024


class Worker:
    """One process that serves. `parent` is told of readiness and counters, if there is one."""

    def __init__(
        self,
        state: State,
        load: Callable[[], Config],
        *,
        parent: Connection | None = None,
        shares_port: bool = False,
        sockets: Mapping[str, socket.socket] | None = None,
    ) -> None:
        self.metrics = Metrics()
        self.proxy = Proxy(state, self.metrics)
        self.is_ready = False
        self.port = 0
        self._load = load
        self._parent = parent
        self._shares_port = shares_port
        self._stop = asyncio.Event()
        self._tls = server_tls(state.config)
        self._calls: Calls | None = None
        self._relay: Relay | None = None
        self._sockets = sockets or {}

    async def serve(self) -> None:
        """Serve until told to stop, then drain.

        Raises:
            ConfigError: the address cannot be listened on.

        """
        config = self.proxy.state.config
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: asyncio.ensure_future(self.reload()))
        await self.proxy.open()
        server = Server(self.proxy, self.metrics, config.limits)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=config.limits.drain_timeout)
        await runner.setup()
        site = web.TCPSite(
            runner,
            config.listen.host,
            config.listen.port,
            ssl_context=self._tls,
            backlog=_BACKLOG,
            reuse_port=self._shares_port or None,
        )
        try:
            if config.routes:
                await site.start()
                self.port = runner.addresses[0][1]
            await self._start_calls(config)
            await self._start_relay(config)
        except OSError as error:
            await self.proxy.close()
            raise ConfigError(f"cannot listen on {config.listen}: {error.strerror or error}") from None
        settle()
        self.is_ready = True
        if self._parent is None and config.routes:
            where = shown(config, config.listen.host, self.port)
            say(f"listening on {where}, sending to {_upstreams(config)}")
        while not self._stop.is_set():
            server.close_idle()
            if not self._tell():
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _TICK)
        await self._drain(runner, server, config)

    async def _start_calls(self, config: Config) -> None:
        if config.grpc is None:
            return
        from .calls import Calls  # noqa: PLC0415 - needs an extra, and must not be there before a fork

        self._calls = Calls(self.proxy, config, config.grpc, shares_port=self._shares_port)
        await self._calls.start()
        if self._parent is None:
            where = shown(config, config.grpc.listen.host, self._calls.port)
            say(f"gRPC on {where}, sending to {config.grpc.upstream}")

    async def _start_relay(self, config: Config) -> None:
        if not config.forward:
            return
        from .forward.relay import Relay  # noqa: PLC0415 - most do without

        self._relay = Relay(self.proxy, self._tls, shares_port=self._shares_port, sockets=self._sockets)
        where = await self._relay.start()
        if self._parent is None:
            for forward, place in zip(config.forward, where, strict=True):
                say(f"Forward on {place}, sending to {forward.upstream}")

    async def reload(self) -> None:
        """Exchange configuration and rules, or say why not."""
        try:
            config = await asyncio.to_thread(self._load)
            old = self.proxy.state.config
            for name in _FIXED:
                if getattr(config, name) != getattr(old, name):
                    raise ConfigError(f"{name}: cannot change without a restart")
            if [one.listen for one in config.forward] != [one.listen for one in old.forward]:
                raise ConfigError("forward: where it listens cannot change without a restart")
            state = await asyncio.to_thread(state_of, config)
            if self._tls is not None and config.tls_cert is not None:
                self._tls.load_cert_chain(config.tls_cert, config.tls_key)
            if self._calls is not None:
                self._calls.reload(config)
            if self._relay is not None:
                self._relay.reload(config)
        except (LeakscanError, OSError, ValueError) as error:
            self.metrics.count("leakscan_reload_failures")
            reason = error if isinstance(error, LeakscanError) else type(error).__name__
            say(f"the new configuration is not used, the old one stays: {reason}")
            return
        self.proxy.state = state
        settle()
        say("the new configuration is in use")

    async def _drain(self, runner: web.ServerRunner, server: Server, config: Config) -> None:
        self.is_ready = False
        self.proxy.is_draining = True
        self._tell()
        if config.limits.drain_delay:
            await asyncio.sleep(config.limits.drain_delay)
        for site in list(runner.sites):
            await site.stop()
        server.pre_shutdown()
        loop = asyncio.get_running_loop()
        end = loop.time() + config.limits.drain_timeout
        gauges = self.metrics.gauges
        calls = self._calls
        ending = asyncio.ensure_future(calls.stop(config.limits.drain_timeout)) if calls is not None else None
        relay = self._relay
        leaving = (
            asyncio.ensure_future(relay.stop(config.limits.drain_timeout)) if relay is not None else None
        )
        while gauges["leakscan_in_flight_requests"] and loop.time() < end:  # noqa: ASYNC110 - a plain number
            await asyncio.sleep(0.02)
        if gauges["leakscan_in_flight_requests"] > 0:
            say("time is up: requests under way are cut off; their clients were not told of success")
        for task in (ending, leaving):
            if task is not None:
                await task
        await server.shutdown(0.5)
        await runner.cleanup()
        await self.proxy.close()
        self._tell()

    def _tell(self) -> bool:
        """Tell the parent how things are; False when it is gone."""
        if self._parent is None:
            return True
        try:
            self._parent.send((self.is_ready, self.port, self.metrics.snapshot()))
        except OSError:
            return False
        return True


class Status:
    """What a process that serves alone shows on its admin port."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def snapshot(self) -> Snapshot:
        """Return the counters."""
        return total([self._worker.metrics.snapshot()])

    def is_ready(self) -> bool:
        """Tell whether requests are taken."""
        return self._worker.is_ready


async def serve_alone(state: State, load: Callable[[], Config]) -> None:
    """Serve in this process, with the admin port if there is one."""
    worker = Worker(state, load)
    status = Status(worker)
    async with admin_port(
        state.config, status.snapshot, status.is_ready, lambda: config_hash(worker.proxy.state)
    ):
        await worker.serve()


@contextlib.asynccontextmanager
async def admin_port(
    config: Config,
    snapshot: Callable[[], Snapshot],
    is_ready: Callable[[], bool],
    hash_now: Callable[[], str],
) -> Any:
    """Serve the admin port while inside; nothing without an address.

    Raises:
        ConfigError: the address cannot be listened on.

    """
    if config.admin is None:
        yield
        return
    version = importlib.metadata.version("leakscan-logs")
    admin = Admin(
        snapshot, is_ready, lambda: {"version": version, "config": hash_now(), "workers": config.workers}
    )
    runner = web.AppRunner(admin.application(), access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, config.admin.host, config.admin.port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigError(f"cannot listen on {config.admin}: {error.strerror or error}") from None
    say(f"admin on http://{config.admin.host}:{runner.addresses[0][1]}/")

    async def note() -> None:
        while True:
            admin.note()
            await asyncio.sleep(STEP)

    task = asyncio.ensure_future(note())
    try:
        yield
    finally:
        task.cancel()
        await runner.cleanup()


def shown(config: Config, host: str, port: int) -> str:
    """Return the URL that clients of a place give."""
    scheme = "https" if config.tls_cert else "http"
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{port}"


def _upstreams(config: Config) -> str:
    return ", ".join(sorted({route.upstream for route in config.routes}))
