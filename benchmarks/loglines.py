"""Made-up lines of the loggers that fill most disks: system, web, JVM, database, cluster. None holds a secret.

They hold what makes scanners work for nothing, about as often as in life: failed passwords, sessions, tokens
that are counted, `PWD=`, digests, ids, query strings. Formats from the software's own documents; contents made up.

Not here: JSON (`jsonlines`), secrets (`planted`).
"""

# ruff: noqa: E501, S608 - a line of a log is a line here, and its SQL is only shown

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.draw import BASE64, HOSTS, SERVICES, USERS, WORDS, Draw

Make = Callable[[Draw], str]

_AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "curl/8.5.0", "kube-probe/1.30", "Prometheus/2.53.0", "python-requests/2.32.3",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
)  # fmt: skip
_PAGES: Final = (
    "/", "/login", "/logout", "/password/reset", "/api/v1/orders", "/api/v1/items", "/oauth/authorize", "/healthz",
    "/static/js/app.js", "/static/css/site.css", "/search", "/account/settings", "/api/v2/tokens/usage", "/metrics",
)  # fmt: skip


def _syslog(draw: Draw, program: str, text: str) -> str:
    return f"{draw.clock('%b %e %H:%M:%S')} {draw.of(HOSTS)} {program}[{draw.number(200, 65000)}]: {text}"


def sshd(draw: Draw) -> str:
    """OpenSSH through syslog."""
    user, address, port = draw.of(USERS), draw.ip(), draw.number(1024, 65535)
    text = draw.of((
        f"Failed password for invalid user {user} from {address} port {port} ssh2",
        f"Failed password for {user} from {address} port {port} ssh2",
        f"Accepted publickey for {user} from {address} port {port} ssh2: RSA SHA256:{draw.chars(BASE64, 43)}",
        f"pam_unix(sshd:session): session opened for user {user}(uid={draw.number(0, 2000)}) by (uid=0)",
        f"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={address}  user={user}",
        f"Received disconnect from {address} port {port}:11: Bye Bye [preauth]",
        f"reverse mapping checking getaddrinfo for ns{draw.number(1, 9)}.example.net [{address}] failed - POSSIBLE BREAK-IN ATTEMPT!",
    ))  # fmt: skip
    return _syslog(draw, "sshd", text)


def system(draw: Draw) -> str:
    """Cron, systemd, sudo and the kernel through syslog."""
    user = draw.of(USERS)
    lines: tuple[Callable[[], str], ...] = (
        lambda: _syslog(draw, "CRON", f"({user}) CMD (/usr/local/bin/rotate --keep {draw.number(2, 30)} >/dev/null 2>&1)"),
        lambda: _syslog(draw, "systemd", f"Started Session {draw.number(1, 99999)} of user {user}."),
        lambda: _syslog(draw, "systemd", f"{draw.of(SERVICES)}.service: Consumed {draw.number(1, 900)}.{draw.number(100, 999)}s CPU time, {draw.number(10, 900)}.2M memory peak."),
        lambda: _syslog(draw, "kernel", f'[{draw.number(1, 999999)}.{draw.number(100000, 999999)}] audit: type=1400 apparmor="STATUS" operation="profile_load" profile="unconfined" name="{draw.of(SERVICES)}" pid={draw.number(1, 65000)} comm="apparmor_parser"'),
        lambda: _syslog(draw, "sudo", f"   {user} : TTY=pts/{draw.number(0, 9)} ; PWD=/home/{user} ; USER=root ; COMMAND=/usr/bin/apt-get update"),
    )  # fmt: skip
    return draw.usual(lines)()


def spring(draw: Draw) -> str:
    """Spring Boot's console pattern."""
    word, service = draw.of(WORDS), draw.of(SERVICES)
    logger, text = draw.usual((
        ("o.s.security.web.FilterChainProxy", f"Secured GET /api/v1/{word}s/{draw.number(1, 99999)}"),
        (f"c.example.{service}.Worker", f"Processed {word} id={draw.number(1, 10**7)} in {draw.number(1, 900)} ms, attempt={draw.number(1, 4)}"),
        ("com.zaxxer.hikari.pool.HikariPool", f"HikariPool-1 - Pool stats (total={draw.number(5, 40)}, active={draw.number(0, 9)}, idle={draw.number(0, 9)}, waiting=0)"),
        ("o.a.k.clients.consumer.KafkaConsumer", f"[Consumer clientId={service}-{draw.number(0, 9)}, groupId={service}] Seeking to offset {draw.number(1, 10**9)} for partition {word}s-{draw.number(0, 31)}"),
        ("o.s.s.a.dao.DaoAuthenticationProvider", "Failed to authenticate since password does not match stored value"),
        ("o.s.b.w.embedded.tomcat.TomcatWebServer", "Tomcat started on port 8080 (http) with context path '/'"),
        ("o.s.web.servlet.DispatcherServlet", f'GET "/api/v1/{word}s/{draw.number(1, 99999)}", parameters={{}}'),
    ))  # fmt: skip
    return (
        f"{draw.clock('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z  INFO {draw.number(1, 65000)} --- [{service}] "
        f"[nio-8080-exec-{draw.number(1, 50)}] {logger:<40} : {text}"
    )


def access(draw: Draw) -> str:
    """The combined format of nginx and Apache, with query strings and referers."""
    page = draw.of(_PAGES)
    query = draw.of((
        "", "", f"?page={draw.number(1, 90)}&sort=desc", f"?q={draw.of(WORDS)}+{draw.of(WORDS)}", f"?v={draw.hex(8)}",
        f"?utm_source=newsletter&utm_campaign=spring&user_id={draw.number(1, 10**6)}", f"?next=%2Faccount%2F{draw.of(WORDS)}",
    ))  # fmt: skip
    user = draw.of(("-", "-", "-", "-", "alice", "bob"))
    referer = draw.of(("-", "https://www.example.com/", f"https://www.example.com{draw.of(_PAGES)}"))
    return (
        f"{draw.ip()} - {user} [{draw.clock('%d/%b/%Y:%H:%M:%S')} +0000] "
        f'"{draw.of(("GET", "GET", "GET", "POST", "HEAD"))} {page}{query} HTTP/1.1" '
        f'{draw.of((200, 200, 200, 204, 301, 304, 401, 404, 500))} {draw.number(0, 90000)} "{referer}" "{draw.of(_AGENTS)}"'
    )


def nginx_error(draw: Draw) -> str:
    """Nginx's error log."""
    address = draw.ip()
    text = draw.of((
        f'open() "/var/www/{draw.of(WORDS)}.html" failed (2: No such file or directory)',
        f'user "{draw.of(USERS)}": password mismatch',
        "upstream timed out (110: Connection timed out) while reading response header from upstream",
    ))  # fmt: skip
    return (
        f"{draw.clock('%Y/%m/%d %H:%M:%S')} [error] {draw.number(20, 900)}#{draw.number(20, 900)}: *{draw.number(1, 10**7)} "
        f'{text}, client: {address}, server: www.example.com, request: "GET {draw.of(_PAGES)} HTTP/1.1", host: "www.example.com"'
    )


def hdfs(draw: Draw) -> str:
    """HDFS data nodes and the name node."""
    block = f"blk_{draw.number(-(9 * 10**18), 9 * 10**18)}"
    one, other = draw.ip(), draw.ip()
    text = draw.usual((
        f"dfs.DataNode$DataXceiver: Receiving block {block} src: /{one}:{draw.number(30000, 60000)} dest: /{other}:50010",
        f"dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated: {one}:50010 is added to {block} size {draw.number(10**6, 67108864)}",
        f"dfs.DataNode$PacketResponder: PacketResponder {draw.number(0, 2)} for block {block} terminating",
        f"dfs.FSNamesystem: BLOCK* NameSystem.allocateBlock: /user/{draw.of(USERS)}/out/_temporary/_task_2008{draw.number(10**7, 10**8)}_m_{draw.number(0, 999):06}/part-{draw.number(0, 99999):05}. {block}",
    ))  # fmt: skip
    return f"{draw.clock('%y%m%d %H%M%S')} {draw.number(10, 40000)} INFO {text}"


def android(draw: Draw) -> str:
    """Android's logcat."""
    word = draw.of(WORDS).capitalize()
    text = draw.usual((
        f"I ActivityManager: Start proc {draw.number(1000, 30000)}:com.example.{draw.of(SERVICES)}/u0a{draw.number(10, 300)} for service com.example.{draw.of(SERVICES)}/.{word}Service",
        f'D PowerManagerService: acquire lock={draw.number(1, 2**31)}, flags=0x1, tag="*job*/com.example.{draw.of(SERVICES)}/.{word}", name=android, ws=WorkSource{{10{draw.number(100, 300)}}}, uid=1000, pid={draw.number(1000, 9000)}',
        f"D NotificationListener: updateNotification key=0|com.example.app|{draw.number(1, 10**9)}|null|10{draw.number(100, 300)}, importance=3",
        f"V WindowManager: Skipping AppWindowToken{{{draw.hex(7)} token=Token{{{draw.hex(7)} ActivityRecord{{{draw.hex(7)} u0 com.example.app/.{word}Activity t{draw.number(1, 900)}}}}}}} -- going to hide",
    ))  # fmt: skip
    return (
        f"{draw.clock('%m-%d %H:%M:%S.%f')[:-3]}  {draw.number(1000, 9000)}  {draw.number(1000, 9000)} {text}"
    )


def postgres(draw: Draw) -> str:
    """PostgreSQL with statement logging."""
    word, user = draw.of(WORDS), draw.of(USERS)
    text = draw.usual((
        f"LOG:  duration: {draw.number(0, 900)}.{draw.number(100, 999)} ms  execute <unnamed>: SELECT id, name, created_at FROM {word}s WHERE customer_id = $1 AND state = $2 ORDER BY created_at DESC LIMIT 50",
        f"DETAIL:  parameters: $1 = '{draw.number(1, 10**7)}', $2 = 'open'",
        f"LOG:  connection authorized: user={user} database=app application_name={draw.of(SERVICES)} SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)",
        f'FATAL:  password authentication failed for user "{user}"',
        f"LOG:  checkpoint complete: wrote {draw.number(1, 9000)} buffers ({draw.number(0, 9)}.{draw.number(0, 9)}%); 0 WAL file(s) added, 0 removed, {draw.number(1, 9)} recycled; write=12.{draw.number(100, 999)} s, sync=0.011 s, total=12.{draw.number(100, 999)} s",
        f"LOG:  duration: {draw.number(0, 90)}.{draw.number(100, 999)} ms  statement: UPDATE users SET last_login = now(), password_changed_at = NULL WHERE id = {draw.number(1, 10**6)}",
    ))  # fmt: skip
    return f"{draw.clock('%Y-%m-%d %H:%M:%S.%f')[:-3]} UTC [{draw.number(100, 65000)}] {user}@app {text}"


def golang(draw: Draw) -> str:
    """Go's slog, in logfmt."""
    return (
        f"time={draw.iso()} level={draw.of(('INFO', 'INFO', 'DEBUG', 'WARN'))} source={draw.of(SERVICES)}/handler.go:{draw.number(20, 400)} "
        f'msg="{draw.of(("request done", "cache miss", "retrying", "token bucket refilled", "session closed"))}" trace_id={draw.hex(32)} '
        f"span_id={draw.hex(16)} method=GET path=/api/v1/{draw.of(WORDS)}s/{draw.number(1, 99999)} status={draw.of((200, 201, 404, 503))} "
        f"tokens={draw.number(1, 900)} dur={draw.number(1, 900)}.{draw.number(10, 99)}ms"
    )


def kubernetes(draw: Draw) -> str:
    """The kubelet and controllers, in klog's form."""
    pod = f"{draw.of(SERVICES)}-{draw.hex(9)}-{draw.chars('bcdfghjklmnpqrstvwxz2456789', 5)}"
    text = draw.usual((
        f'reconciler_common.go:{draw.number(100, 400)}] "operationExecutor.VerifyControllerAttachedVolume started for volume \\"kube-api-access-{draw.chars("bcdfghjklmnpqrstvwxz2456789", 5)}\\" (UniqueName: \\"kubernetes.io/projected/{draw.uuid()}\\") pod \\"{pod}\\"" pod="prod/{pod}"',
        f'kubelet.go:{draw.number(1000, 3000)}] "SyncLoop (PLEG): event for pod" pod="prod/{pod}" event={{"ID":"{draw.uuid()}","Type":"ContainerStarted","Data":"{draw.hex(64)}"}}',
        f'replica_set.go:{draw.number(300, 700)}] "Finished syncing" kind="ReplicaSet" key="prod/{pod[:-6]}" duration="{draw.number(1, 900)}.{draw.number(100, 999)}µs"',
        f'event.go:{draw.number(200, 400)}] "Event occurred" object="prod/{pod}" kind="Pod" apiVersion="v1" type="Normal" reason="Pulled" message="Container image \\"registry.example.com/{draw.of(SERVICES)}@sha256:{draw.hex(64)}\\" already present on machine"',
        f'garbagecollector.go:{draw.number(400, 600)}] "Deleting item" item="[v1/Secret, namespace: prod, name: {draw.of(SERVICES)}-tls, uid: {draw.uuid()}]" propagationPolicy="Background"',
    ))  # fmt: skip
    return f"{draw.of('IIIW')}{draw.clock('%m%d %H:%M:%S.%f')} {draw.number(1, 9999):>7} {text}"


def java_trace(draw: Draw) -> str:
    """One frame of a stack trace: short lines are half of some logs."""
    return f"\tat com.example.{draw.of(SERVICES)}.{draw.of(WORDS).capitalize()}Service.handle({draw.of(WORDS).capitalize()}Service.java:{draw.number(20, 900)})"


#: Formats of the mixed corpus with their share of its lines.
MIXED: Final[tuple[tuple[Make, int], ...]] = (
    (sshd, 9), (system, 8), (spring, 16), (access, 18), (nginx_error, 4), (hdfs, 10), (android, 8),
    (postgres, 10), (golang, 9), (kubernetes, 10), (java_trace, 4),
)  # fmt: skip
