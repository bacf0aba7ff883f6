"""Servers with talkative logs, driven for a while: nginx, redis, rsyslog, ClickHouse.

Not here: PostgreSQL (`postgres`), programs that end by themselves (`builds`, `runtimes`).
"""

from __future__ import annotations

import http.client
import random
import uuid
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from .run import as_user, free_port, run, serving

REQUESTS: Final = 400
_WORDS: Final = (
    "report", "invoice", "photo", "user", "token", "session", "key", "password", "reset", "settings", "cart",
    "search", "v2", "login",
)  # fmt: skip
_AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "curl/7.88.1",
    "kube-probe/1.29",
    "Go-http-client/2.0",
)
_NGINX: Final = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/debug.log debug;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    log_format wide '$remote_addr [$time_iso8601] host=$host method=$request_method uri="$request_uri" '
        'args="$args" cookie="$http_cookie" etag="$sent_http_etag" agent="$http_user_agent" rid=$request_id';
    log_format dump escape=json '{{"time":"$msec","request":"$request","cookie":"$http_cookie",'
        '"request_id":"$request_id","trace":"$http_traceparent","if_none_match":"$http_if_none_match"}}';
    access_log {folder}/access.log combined; access_log {folder}/wide.log wide;
    access_log {folder}/json.log dump;
    server {{
        listen 127.0.0.1:{port}; root {folder}/www;
        location /api/ {{ proxy_pass http://127.0.0.1:{port}/; }}
        location /down/ {{ proxy_pass http://127.0.0.1:9; }}
        location /login {{ return 302 /login/form?next=$request_uri; }}
        location /private {{ auth_basic "staff only"; auth_basic_user_file {folder}/nobody; }}
    }}
}}
"""
_REDIS: Final = "PING,SET,GET,INCR,LPUSH,RPUSH,LPOP,SADD,HSET,SPOP,ZADD,LRANGE_100,MSET"
_RSYSLOG: Final = """
module(load="imtcp") module(load="imudp")
template(name="json" type="list" option.jsonf="on") {{
    property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
    property(outname="host" name="hostname" format="jsonf")
    property(outname="tag" name="syslogtag" format="jsonf")
    property(outname="message" name="msg" format="jsonf")
}}
input(type="imtcp" address="127.0.0.1" port="{port}")
action(type="omfile" file="{folder}/traditional.log" template="RSYSLOG_TraditionalFileFormat")
action(type="omfile" file="{folder}/rfc5424.log" template="RSYSLOG_SyslogProtocol23Format")
action(type="omfile" file="{folder}/debug-format.log" template="RSYSLOG_DebugFormat")
action(type="omfile" file="{folder}/jsonf.log" template="json")
"""
_CLICKHOUSE: Final = """<clickhouse>
<logger><level>trace</level><log>{folder}/server.log</log><errorlog>{folder}/error.log</errorlog></logger>
<http_port>{http}</http_port><tcp_port>{port}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><user_files_path>{folder}/files/</user_files_path>
<mark_cache_size>1048576</mark_cache_size><users_config>{folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
</clickhouse>"""
_USERS: Final = """<clickhouse><profiles><default/></profiles><users><default><password></password>
<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
<access_management>1</access_management></default></users><quotas><default/></quotas></clickhouse>"""
_QUERIES: Final = (
    "CREATE TABLE IF NOT EXISTS visits (id UInt64, token_count UInt32, url String) ENGINE = Log",
    "INSERT INTO visits SELECT number, rand() % 90, concat('/page/', number::String) FROM numbers(5000)",
    "SELECT generateUUIDv4() AS session, id AS user_id FROM visits LIMIT 20",
    "SELECT url, sum(token_count) AS tokens FROM visits GROUP BY url ORDER BY tokens DESC LIMIT 5",
    "SELECT hex(SHA256(url)), base64Encode(url), cityHash64(url) FROM visits WHERE id < 20",
    "SELECT name, auth_type FROM system.users",
    "SELECT key, password FROM visits",
    "TRUNCATE TABLE visits",
    "SYSTEM FLUSH LOGS",
)


def nginx(folder: Path) -> None:
    """Log a few hundred requests in four formats and at nginx's most talkative level."""
    port = free_port()
    (folder / "www").mkdir()
    (folder / "www/index.html").write_text("<title>hello</title>" * 100)
    (folder / "nobody").write_text("")
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port))
    with serving(["nginx", "-p", folder, "-c", folder / "nginx.conf"], folder / "console.log", port):
        draw = random.Random(4)
        for number in range(REQUESTS):
            target, headers = request(draw)
            if number % 10 == 0:
                sent = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
                run(["curl", "-sSv", *sent, f"http://127.0.0.1:{port}{target}"], folder / "curl.log")
                continue
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            body = urlencode({"q": draw.choice(_WORDS)}) if number % 7 == 0 else None
            client.request("POST" if body else draw.choice(("GET", "GET", "HEAD")), target, body, headers)
            client.getresponse().read()
            client.close()


def request(draw: random.Random) -> tuple[str, dict[str, str]]:
    """Draw the target and headers of a request without a secret."""
    path = draw.choice(("/", "/index.html", "/api/", "/down/", "/login", "/private", "/api/missing/"))
    path += "/".join(draw.choices(_WORDS, k=draw.randint(0, 3)))
    query = {
        "page": str(draw.randint(1, 400)),
        "q": " ".join(draw.choices(_WORDS, k=2)),
        "sort_key": draw.choice(_WORDS),
        "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        "v": f"{draw.getrandbits(160):040x}",
        "utm_source": "news letter",
        "next": "/account?tab=tokens&page=2",
        "page_token": str(draw.randint(2, 50)),
    }
    names = draw.sample(sorted(query), draw.randint(0, 4))
    encode = quote if draw.random() < 0.3 else str
    target = path + ("?" + encode(urlencode({name: query[name] for name in names})) if names else "")
    crumbs = {
        "theme": draw.choice(("dark", "light")),
        "lang": "en-GB",
        "_ga": f"GA1.2.{draw.getrandbits(30)}.{draw.getrandbits(30)}",
        "consent": "analytics%3A1%7Cads%3A0",
        "cart_items": str(draw.randint(0, 9)),
    }
    kept = draw.sample(sorted(crumbs), draw.randint(1, 4))
    headers = {
        "User-Agent": draw.choice(_AGENTS),
        "Cookie": "; ".join(f"{name}={crumbs[name]}" for name in kept),
        "Accept-Language": "en-GB,en;q=0.8",
        "If-None-Match": f'"{draw.getrandbits(56):x}-{draw.getrandbits(12):x}"',
        "X-Request-Id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        "traceparent": f"00-{draw.getrandbits(128):032x}-{draw.getrandbits(64):016x}-01",
    }
    return target, headers


def redis(folder: Path) -> None:
    """Log a benchmark at redis' debug level, and what its MONITOR shows of it."""
    port = str(free_port())
    options = [
        "--port",
        port,
        "--bind",
        "127.0.0.1",
        "--loglevel",
        "debug",
        "--dir",
        str(folder),
        "--hz",
        "100",
    ]
    with serving(["redis-server", *options], folder / "server.log", int(port)):
        client = ["redis-cli", "-p", port]
        watch = ["timeout", "8", *client, "monitor"]
        with (folder / "feed.txt").open("w") as feed:
            feed.writelines(
                f"HSET session:{number} user {number} theme dark\nEXPIRE session:{number} 3600\n"
                f"SET token_count:{number} {number * 7}\nCONFIG GET maxmemory*\nACL LIST\nBGSAVE\n"
                for number in range(200)
            )
        load = f"redis-benchmark -p {port} -q -c 5 -n 1500 -r 1000 -t {_REDIS.lower()}"
        watched = f"({' '.join(watch)} > monitor.log &) ; sleep 0.3"
        both = f"{watched}; {' '.join(client)} < feed.txt > replies.log; {load}"
        run(["sh", "-c", both], folder / "benchmark.log")
        run([*client, "info", "everything"], folder / "info.log")


def rsyslog(folder: Path) -> None:
    """Send other programs' lines through rsyslog in four formats, and its own debug output."""
    port = free_port()
    (folder / "rsyslog.conf").write_text(_RSYSLOG.format(folder=folder, port=port))
    lines = [
        line
        for log in sorted(folder.parent.glob("*/*.log"))
        if log.parent != folder
        for line in log.read_text("utf-8", "replace").splitlines()[:300]
        if line.strip()
    ]
    (folder / "feed.txt").write_text("\n".join(lines))
    command = ["rsyslogd", "-n", "-d", "-f", folder / "rsyslog.conf", "-i", folder / "rsyslog.pid"]
    with serving(command, folder / "rsyslogd-debug.log", port):
        send = ["logger", "-n", "127.0.0.1", "-P", str(port), "-T", "-t", "app", "-f", folder / "feed.txt"]
        run(send, folder / "logger.log")
        run(["sleep", "3"], folder / "logger.log")


def clickhouse(folder: Path) -> None:
    """Log some queries at ClickHouse's trace level."""
    user = as_user("clickhouse", folder)
    port, web = free_port(), free_port()
    (folder / "config.xml").write_text(_CLICKHOUSE.format(folder=folder, port=port, http=web))
    (folder / "users.xml").write_text(_USERS)
    command = [*user, "clickhouse-server", "--config-file", folder / "config.xml"]
    with serving(command, folder / "console.log", port):
        for _ in range(5):
            for query in _QUERIES:
                client = [
                    "clickhouse-client",
                    "--port",
                    str(port),
                    "--send_logs_level",
                    "trace",
                    "--query",
                    query,
                ]
                run(client, folder / "client.log")
