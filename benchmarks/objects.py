"""Serves files as objects of S3 over TLS on loopback: ranges of files, and nothing else of S3.

The work is done by the kernel and the TLS library, so that on a machine with few cores the server takes
little of what is measured. Not here: what is asked of it (`scale`).
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_RANGE: Final = re.compile(r"bytes=(\d+)-(\d+)")


@contextmanager
def served(files: Path, keep: Path) -> Iterator[Mapping[str, str]]:
    """Serve a folder's files as `s3://bench/NAME`; give the environment in which a client finds them.

    A certificate for loopback is written to `keep`.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            """Say that an object is there."""
            self.head(200, (files / self.name()).stat().st_size, {})

        def do_GET(self) -> None:
            """Send a range."""
            path = files / self.name()
            size = path.stat().st_size
            wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
            assert wanted is not None, "objects are read in ranges"
            first, last = int(wanted[1]), min(int(wanted[2]), size - 1)
            self.head(206, last + 1 - first, {"Content-Range": f"bytes {first}-{last}/{size}"})
            with path.open("rb") as file:
                file.seek(first)
                self.wfile.write(file.read(last + 1 - first))

        def name(self) -> str:
            """Return the key asked for, which has no folders."""
            return unquote(urlsplit(self.path).path).rpartition("/")[2]

        def head(self, status: int, length: int, headers: Mapping[str, str]) -> None:
            """Send what comes before a body."""
            self.send_response(status)
            for header in {"Content-Length": str(length), "ETag": '"1"', **headers}.items():
                self.send_header(*header)
            self.end_headers()

    certificate = keep / "loopback.pem"
    certificate.write_bytes(_certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{server.server_address[1]}",
            "AWS_CA_BUNDLE": str(certificate),
            "AWS_ACCESS_KEY_ID": "benchmarks",
            "AWS_SECRET_ACCESS_KEY": "benchmarks-have-no-secrets",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.shutdown()
        server.server_close()


def _certificate() -> bytes:
    """Return a key and a certificate for 127.0.0.1, good for a day."""
    from cryptography import x509  # noqa: PLC0415 - of an extra
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - as above

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)
