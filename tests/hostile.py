"""A log, and names of files, written by someone who means harm to whoever reads the report. Not a test."""

from __future__ import annotations

import json
import os
import random
import string
from pathlib import Path

from command import made_up_secret

#: What a script of theirs would do, and what a test looks for.
PROOF = "window.pwned=1;document.title='pwned'"
MARKUP = [
    f"<script>{PROOF}</script>",
    f"</script><script>{PROOF}</script>",
    f"</style></title></svg></table><img src=x onerror={PROOF}>",
    f"<svg onload={PROOF}><animate onbegin={PROOF}>",
    f"<iframe srcdoc='&lt;script&gt;parent.{PROOF}&lt;/script&gt;'></iframe>",
    f"\"><b onmouseover={PROOF} style='position:fixed;inset:0'>",
    f"' autofocus onfocus='{PROOF}' x='",
    f"javascript:{PROOF}",
    f"data:text/html,<script>{PROOF}</script>",
    "$policy ${style} %(x)s {x}",
    "<!--", "--><h1>all is well</h1>", "]]>", "<![CDATA[", "&#60;script&#62;", "&lt;b&gt;",
    "<base href=//evil>",
    "<meta http-equiv=refresh content=0;url=//evil>", "<link rel=stylesheet href=//evil>",
]  # fmt: skip
STEERING = [
    "\x1b[2J\x1b[H", "\x1b]0;pwned\x07", "\x1b]52;c;cm0gLXJm\x07", "\x9b31m", "\x90x\x9c", "\r\b\b\b",
    "\x00\x7f\x85",
    "\u202etxt.exe", "\u2066\u2069\u2067", "\u200f\u200e\u061c", "\u2028\u2029", "\ufeff\u200b\u2060",
    "\U000e0041\U000e007f",
    "\u05d0\u05d1\u05d2 123 \u0627\u0628", "Z\u0334\u0335" * 40, "\t\t\t",
]  # fmt: skip
CELLS = [
    "=cmd|' /C calc'!A0",
    "+1+cmd|'x'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    '"=1+1"',
    "a,b;c\td",
]
BREAKERS = [
    '"}],"x":[{"y":"',
    "\\",
    '\\"',
    "\\u0000",
    "\\ud800",
    "{",
    "]",
    "'",
    "`",
    "%s%n",
    "\n\n",
    "NaN",
    "x" * 5000,
]
PAYLOADS = [*MARKUP, *STEERING, *CELLS, *BREAKERS]
#: Bytes that are no UTF-8: lone continuation, overlong, surrogate, beyond Unicode, cut.
RAW = [b"\xff\xfe", b"\x80\x81", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x80", b"\x9b2J"]
LINES = 10_000


def hostile_lines(count: int, seed: int) -> list[bytes]:
    """Return lines with a secret each, and payloads around it, as its service and as what a mask shows."""
    draw = random.Random(seed)
    secrets = [made_up_secret() for _ in range(40)]
    lines = []
    for number in range(count):
        payload = PAYLOADS[number % len(PAYLOADS)]
        raw = RAW[number % len(RAW)]
        secret = secrets[draw.randrange(len(secrets))]
        time = f"2024-11-{1 + number % 28:02}T10:{number % 60:02}:00Z"
        flat = payload.replace("\n", " ").replace("\r", " ")
        password = flat[:8].replace(" ", "_") + "".join(
            draw.choices(string.ascii_letters + string.digits, k=24)
        )
        line = (
            json.dumps({"time": time, "service": payload[:60], "msg": payload, "k": secret}),
            json.dumps({"time": time, "service": payload[:60], "k": secret}, ensure_ascii=False),
            f'{time} service="{flat[:60]}" app={flat[:60]} {secret} {flat}',
            f"{time} {flat} password={password} {secret}",
            json.dumps({"service": flat, "password": password, "time": time}),
            f"{flat} {secret} {flat}",
        )[number // len(PAYLOADS) % 6]
        lines.append(line.encode("utf-8", "surrogatepass") + (raw if number % 3 == 0 else b""))
    return lines


def hostile_files(folder: Path, count: int = LINES) -> list[Path]:
    """Write the log in files whose names are payloads too; return them."""
    names = [os.fsencode(payload[:200]) for payload in PAYLOADS if "\x00" not in payload]
    names += [b"raw" + raw for raw in RAW]
    # a payload with a slash becomes a folder and a file: the report shows the path whole
    paths = [Path(os.fsdecode(os.fsencode(folder) + b"/" + name.lstrip(b"/"))) for name in names]
    lines = hostile_lines(count, 7)
    each = -(-count // len(paths))
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            path = path / "log"  # noqa: PLW2901 - another payload made a folder of this name
        path.write_bytes(b"".join(line + b"\n" for line in lines[number * each : (number + 1) * each]))
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]
