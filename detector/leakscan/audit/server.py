"""A ClickHouse server over HTTP: queries out, rows in, read-only.

urllib3 carries it: it has no dependencies, hands a chunked answer on as it comes, tells a complete one from
one that was cut, and checks certificates; an asynchronous client would gain nothing for one stream.

A session is read-only by the server's own setting, and so are the others that we want: those that this
version knows and this user may set. Not here: which queries (`catalog`, `query`).
"""

from __future__ import annotations

import contextlib
import http.client
import uuid
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import orjson

from leakscan.errors import ConfigError, LeakscanError

from .reply import SETTING_REFUSED, broken_off, code_in, meaning, without_error
from .sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import urllib3

    from .url import Target

#: Bytes asked for at once.
_PIECE: Final = 1 << 20
#: Seconds to reach the server.
_CONNECT: Final = 10
#: An error's text and a list of tables are no longer.
_MAX_ERROR: Final = 64 * 1024
_MAX_LIST: Final = 256 * 1024 * 1024
#: What the end of an answer is looked at for an error.
_TAIL: Final = 16 * 1024

#: What a session should have, where the server knows it. One thread gives the rows of a part in their order;
#: a result that is cut must be an error; text comes as it is; who hangs up needs no answer.
SETTINGS: Final = {
    "max_threads": "1",
    "output_format_json_escape_forward_slashes": "0",
    "output_format_json_quote_64bit_integers": "1",
    "output_format_json_quote_decimals": "1",
    "output_format_json_named_tuples_as_objects": "1",
    "output_format_json_map_as_array_of_tuples": "0",
    "http_write_exception_in_output_format": "0",
    "result_overflow_mode": "throw",
    "read_overflow_mode": "throw",
    "timeout_overflow_mode": "throw",
    "cancel_http_readonly_queries_on_client_close": "1",
    "max_execution_time": "0",
}


class ServerError(LeakscanError):
    """The server is away, or did not answer a query to its end.

    Attributes:
        reason: what happened, without the server's name.
        code: ClickHouse's number for it, if it sent one.
        is_away: whether there is nobody to ask again.

    """

    def __init__(self, server: str, reason: str, *, code: int | None = None, is_away: bool = False) -> None:
        """Build the message `server: reason`."""
        super().__init__(f"{server}: {reason}")
        self.reason = reason
        self.code = code
        self.is_away = is_away


class Server:
    """A connection. Not to be shared between threads."""

    def __init__(self, target: Target, password: str, *, timeout: float, ca: str | None = None) -> None:
        """Prepare; nothing is sent yet.

        Args:
            target: where it is.
            password: empty for none.
            timeout: seconds without a byte after which it counts as gone.
            ca: file of certificates to trust instead of the system's.

        Raises:
            ConfigError: urllib3 is not installed, or `ca` is unusable.

        """
        try:
            import urllib3  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigError(
                "`leakscan audit` needs urllib3: run pip install 'leakscan-logs[clickhouse]'"
            ) from None
        self._target = target
        # as bytes: http.client would take text for Latin-1
        self._headers: dict[str, Any] = {"X-ClickHouse-User": target.user.encode(), "User-Agent": "leakscan"}
        if password:
            self._headers["X-ClickHouse-Key"] = password.encode("utf-8", "surrogateescape")
        self._settings: dict[str, str] = {}
        self.is_ordered = False
        waits = urllib3.Timeout(connect=_CONNECT, read=timeout)
        self._pool = urllib3.PoolManager(1, timeout=waits, retries=False, ca_certs=ca)
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Server({self._target.server})"

    @property
    def name(self) -> str:
        """The server as `host:port`."""
        return self._target.server

    def open_session(self, max_execution_time: int = 0) -> None:
        """Find out which settings this server knows and this user may set.

        Raises:
            ServerError: it does not answer, or cannot be kept from writing.

        """
        wanted = SETTINGS | {"max_execution_time": str(max_execution_time)}
        names = ", ".join(quoted(name) for name in ("readonly", *wanted))
        known = {
            row["name"]: row["value"]
            for row in self.rows(f"SELECT name, value FROM system.settings WHERE name IN ({names})")
        }
        allowed = {name: value for name, value in wanted.items() if name in known}
        if not max_execution_time:
            allowed.pop("max_execution_time", None)  # then the user's own limit holds
        is_readonly = known.get("readonly") not in {None, "0"}
        for extra in ({},) if is_readonly else ({"readonly": "1"}, {"readonly": "2"}):
            self._settings = extra | allowed
            with contextlib.suppress(_RefusedError):
                self._try()
                self.is_ordered = "max_threads" in allowed
                return
        if not is_readonly:
            raise ServerError(self.name, "this user's session cannot be made read-only")
        self._settings = {}
        self.is_ordered = known.get("max_threads") == "1"

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return a short answer whole.

        Raises:
            ServerError: there is no complete answer.

        """
        pieces: list[bytes] = []
        size = 0
        for piece in self.stream(f"{query} FORMAT JSONEachRow"):
            size += len(piece)
            if size > _MAX_LIST:
                raise ServerError(self.name, "a list of tables or columns is too long")
            pieces.append(piece)
        try:
            return [orjson.loads(line) for line in b"".join(pieces).splitlines()]
        except orjson.JSONDecodeError:
            raise ServerError(self.name, "this does not answer as ClickHouse does") from None

    def stream(self, query: str) -> Iterator[bytes]:
        """Yield the pieces of an answer in JSONEachRow, which may end in the middle of a row.

        Raises:
            ServerError: there is no complete answer; what came before was yielded.

        """
        held = b""  # the end, until it is known whether it is that of rows
        try:
            for piece in self._joined(query):
                data = held + piece
                held = data[-_TAIL:]
                if len(data) > _TAIL:
                    yield data[:-_TAIL]
        except ServerError:
            yield without_error(held)
            raise
        yield without_error(held)
        if broken_off(held):
            raise self._failed(held, http.client.OK)

    def _try(self) -> None:
        try:
            self.rows("SELECT 1")
        except ServerError as error:
            if error.code in SETTING_REFUSED:
                raise _RefusedError from None
            raise

    def _joined(self, query: str) -> Iterator[bytes]:
        """Yield larger pieces: the server may send chunks of 4 KiB."""
        kept: list[bytes] = []
        size = 0
        try:
            for piece in self._pieces(query):
                kept.append(piece)
                size += len(piece)
                if size >= _PIECE:
                    yield b"".join(kept)
                    kept, size = [], 0
        except ServerError:
            yield b"".join(kept)
            raise
        yield b"".join(kept)

    def _pieces(self, query: str) -> Iterator[bytes]:
        import urllib3  # noqa: PLC0415 - an extra

        answer = None
        try:
            answer = self._pool.request(
                "POST",
                f"{self._target.base}?{urlencode(self._parameters())}",
                body=query.encode("utf-8", "surrogateescape"),
                headers=self._headers,
                preload_content=False,
                redirect=False,
            )
            if answer.status != http.client.OK:
                raise self._failed(answer.read(_MAX_ERROR), answer.status)
            yield from answer.stream(_PIECE)
        except urllib3.exceptions.HTTPError as error:
            raise self._lost(error) from None
        finally:
            if answer is not None:
                answer.close()

    def _parameters(self) -> Mapping[str, str]:
        # the id finds the query in system.query_log and system.processes
        return self._settings | {"query_id": f"leakscan-audit-{uuid.uuid4()}"}

    def _failed(self, text: bytes, status: int) -> ServerError:
        return ServerError(self.name, meaning(text, status), code=code_in(text))

    def _lost(self, error: urllib3.exceptions.HTTPError) -> ServerError:
        """Say in one line what went wrong with the connection."""
        from urllib3 import exceptions  # noqa: PLC0415 - an extra

        # the first two are kinds of the third
        if isinstance(error, exceptions.NameResolutionError):
            reason = "there is no such host"
        elif isinstance(error, exceptions.NewConnectionError):
            reason = "cannot connect: is the server up, and this the port of its HTTP interface?"
        elif isinstance(error, exceptions.ConnectTimeoutError):
            reason = f"no connection within {_CONNECT} seconds"
        elif isinstance(error, exceptions.SSLError):
            reason = "no trusted TLS connection: --ca names the certificates to trust"
        elif isinstance(error, exceptions.ReadTimeoutError):
            reason = f"sent nothing for {self._timeout:g} seconds: see --timeout"
        else:
            reason = "the connection was lost in the middle of an answer"
        return ServerError(self.name, reason, is_away=True)


class _RefusedError(Exception):
    """A setting is refused."""
