"""Scanning in several processes: work goes out in order, findings come back in order.

A worker sends lists of events through a pipe. Events of the input whose turn it is are passed on at
once, others are kept up to `AHEAD` findings a worker; then its pipe fills and it waits. Not here:
how work is cut (`jobs`).
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import multiprocessing
import operator
import signal
import sys
import time
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Final, Literal

from .errors import SourceError
from .finding import Finding
from .jobs import LineBase, Part, scan_part

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from .scanner import Scanner
    from .totals import Totals

#: A fork of our single thread is safe and shares the compiled rules. macOS forbids it.
FORKS: Final = sys.platform == "linux"
#: Findings kept of a worker whose turn has not come; about 5 MB.
AHEAD: Final = 10_000
#: Pieces of work given out beyond the one whose turn it is, for each worker.
LOOKAHEAD: Final = 16
#: A worker reports when it has this many findings, or after this many seconds.
_BATCH: Final = 256
_PATIENCE: Final = 0.1

#: A finding travels as the tuple of its fields: pickling the dataclass takes three times as long.
_FIELDS: Final = tuple(field.name for field in dataclasses.fields(Finding))
_LINE: Final = _FIELDS.index("line")
_OFFSET: Final = _FIELDS.index("offset")
_packed: Final[Callable[[Finding], tuple[Any, ...]]] = operator.attrgetter(*_FIELDS)

#: found: of part n; read: n bytes; ended: part n, (bytes, newlines, failure); idle: all parts done.
Event = (
    tuple[Literal["found"], int, list[tuple[Any, ...]]]
    | tuple[Literal["read"], int]
    | tuple[Literal["ended"], int, tuple[int, int | None, str | None]]
    | tuple[Literal["idle"]]
)


@dataclasses.dataclass(slots=True)
class Worker:
    """A process and our end of its pipe."""

    process: multiprocessing.process.BaseProcess
    connection: Connection


@dataclasses.dataclass(slots=True)
class Slot:
    """One piece of work on its way: its parts, its worker, and the events not yet passed on."""

    parts: list[Part]
    worker: Worker | None
    events: collections.deque[Event] = dataclasses.field(default_factory=collections.deque)
    kept: int = 0
    next_part: int = 0


def scan_in_processes(
    make_scanner: Callable[[], Scanner],
    work: Iterable[list[Part] | SourceError],
    totals: Totals,
    jobs: int,
    *,
    timestamps: bool = False,
    tick: Callable[[int], object] | None = None,
    pause: Callable[[], object] | None = None,
    forks: bool = FORKS,
) -> Generator[tuple[str, Finding], None, None]:
    """Yield (path, finding) in the order of the work; failures go to `totals`, and the scan goes on.

    `pause` is called before waiting for the workers: a good moment to flush.

    `make_scanner` is called in each worker; where processes are not forked it must be picklable. They
    must not be where taking from `work` starts threads.
    Close the generator to end the workers.
    """
    context = multiprocessing.get_context("fork" if forks else "spawn")
    pending = iter(work)
    idle: list[Worker] = []
    workers: list[Worker] = []
    queue: collections.deque[Slot | SourceError] = collections.deque()
    exhausted = False
    try:
        while True:
            while not exhausted and len(queue) < jobs * LOOKAHEAD and (idle or len(workers) < jobs):
                item = next(pending, None)
                if item is None:
                    exhausted = True
                elif isinstance(item, SourceError):
                    queue.append(item)
                else:
                    worker = idle.pop() if idle else _start(context, workers, make_scanner, timestamps)
                    _send(worker, item)
                    queue.append(Slot(item, worker))
            if not queue:
                return
            head = queue[0]
            if isinstance(head, SourceError):
                totals.fail(head)
                queue.popleft()
                continue
            while head.events:
                yield from _passed_on(head, head.events.popleft(), totals, tick)
            head.kept = 0
            if head.worker is None:
                queue.popleft()
                continue
            if pause is not None:
                pause()
            for slot in _ready(queue, head):
                _receive(slot, idle, workers)
    finally:
        _end(workers)


def _ready(queue: Iterable[Slot | SourceError], head: Slot) -> list[Slot]:
    """Wait until a worker whose events may be taken has sent some."""
    listening = {
        slot.worker.connection: slot
        for slot in queue
        if isinstance(slot, Slot) and slot.worker is not None and (slot is head or slot.kept < AHEAD)
    }
    return [listening[ready] for ready in wait(list(listening)) if isinstance(ready, Connection)]


def _receive(slot: Slot, idle: list[Worker], workers: list[Worker]) -> None:
    worker = slot.worker
    if worker is None:
        return
    try:
        events: list[Event] = worker.connection.recv()
    except (EOFError, OSError):
        workers.remove(worker)
        _end([worker])
        slot.worker = None
        reason = "the process that scanned it was killed (out of memory?): not scanned to the end"
        done = max((event[1] + 1 for event in slot.events if event[0] == "ended"), default=slot.next_part)
        slot.events += [("ended", index, (0, None, reason)) for index in range(done, len(slot.parts))]
        return
    for event in events:
        if event[0] == "idle":
            slot.worker = None
            idle.append(worker)
            continue
        slot.events.append(event)
        if event[0] == "found":
            slot.kept += len(event[2])


def _passed_on(
    slot: Slot, event: Event, totals: Totals, tick: Callable[[int], object] | None
) -> Iterator[tuple[str, Finding]]:
    if event[0] == "read":
        if tick is not None:
            tick(event[1])
    elif event[0] == "found":
        part = slot.parts[event[1]]
        lines = part.base.before(part.start) if part.base is not None else 0
        for packed in event[2]:
            yield part.path, _unpacked(packed, lines, part.start)
    elif event[0] == "ended":
        size, lines_in_part, failure = event[2]
        part = slot.parts[event[1]]
        slot.next_part = event[1] + 1
        totals.size += size
        totals.files += part.is_last
        if failure is not None:
            totals.fail(SourceError(part.path, failure))
        if part.base is not None:
            _count_lines(part.base, part, lines_in_part)


def _unpacked(packed: tuple[Any, ...], lines: int, start: int) -> Finding:
    """Return the finding; in a piece of a file, it stands so many lines and bytes further on."""
    if start:
        values = list(packed)
        values[_LINE] += lines
        values[_OFFSET] += start
        return Finding(*values)
    return Finding(*packed)


def _count_lines(base: LineBase, part: Part, lines: int | None) -> None:
    base.passed(part, lines)
    if part.is_last:
        base.file.close()


def _start(
    context: multiprocessing.context.BaseContext,
    workers: list[Worker],
    make_scanner: Callable[[], Scanner],
    timestamps: bool,  # noqa: FBT001 - passed through once
) -> Worker:
    ours, theirs = multiprocessing.Pipe()
    # A forked child holds copies of every pipe; unless it closes ours, it never sees us die.
    forks = context.get_start_method() == "fork"
    others = [ours, *(worker.connection for worker in workers)] if forks else []
    process = context.Process(target=_work, args=(theirs, others, make_scanner, timestamps), daemon=True)  # type: ignore[attr-defined]  # typeshed has Process on the concrete contexts only
    process.start()
    theirs.close()
    worker = Worker(process, ours)
    workers.append(worker)
    return worker


def _send(worker: Worker, parts: list[Part]) -> None:
    with contextlib.suppress(OSError):  # a dead worker is noticed when its answer is read
        worker.connection.send([dataclasses.replace(part, base=None) for part in parts])


def _end(workers: Iterable[Worker]) -> None:
    for worker in workers:
        worker.connection.close()  # an idle worker takes this for the end
        worker.process.terminate()
    for worker in workers:
        worker.process.join()


def _work(
    connection: Connection,
    others: list[Connection],
    make_scanner: Callable[[], Scanner],
    timestamps: bool,  # noqa: FBT001 - the target of a process takes plain arguments
) -> None:
    """Be a worker: scan what comes, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.stdout = None  # its buffer is a copy of the parent's and must not be flushed twice
    for other in others:
        other.close()
    with contextlib.suppress(EOFError, OSError):
        scanner = make_scanner()
        while True:
            _scan_and_send(connection, scanner, connection.recv(), timestamps)


def _scan_and_send(
    connection: Connection,
    scanner: Scanner,
    parts: list[Part],
    timestamps: bool,  # noqa: FBT001 - passed through once
) -> None:
    events: list[Event] = []
    sent = time.monotonic()
    waiting = read = 0

    def send() -> None:
        nonlocal sent, waiting, read
        if read:
            events.append(("read", read))
        connection.send(events)
        events.clear()
        sent, waiting, read = time.monotonic(), 0, 0

    def tick(count: int) -> None:
        nonlocal read
        read += count
        if time.monotonic() - sent > _PATIENCE:
            send()

    for index, part in enumerate(parts):

        def ended(size: int, lines: int | None, failure: str | None, index: int = index) -> None:
            events.append(("ended", index, (size, lines, failure)))

        for findings in scan_part(scanner, part, timestamps=timestamps, tick=tick, ended=ended):
            events.append(("found", index, [_packed(finding) for finding in findings]))
            waiting += len(findings)
            if waiting >= _BATCH:
                send()
    events.append(("idle",))
    send()
