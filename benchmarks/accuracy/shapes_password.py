"""Shapes where a password stands in a syntax of its own: SQL, connection strings, command lines, files."""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole; SQL in made-up log lines runs nowhere

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.shapes import Shape
from benchmarks.accuracy.text import base64_run, json_object, json_string, percent, shell_quoted, sql_quoted

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene


def _identified_by(s: Scene, p: str) -> str:
    return f"{s.number(1, 99)} Query\tCREATE USER '{s.user()}'@'%' IDENTIFIED BY {sql_quoted(p)}"


def _identified_with(s: Scene, p: str) -> str:
    return f"ALTER USER '{s.user()}'@'localhost' IDENTIFIED WITH mysql_native_password BY {sql_quoted(p)};"


def _grant_identified(s: Scene, p: str) -> str:
    return f'statement: GRANT ALL ON {s.word()}.* TO "{s.user()}" identified by {sql_quoted(p)}'


def _alter_role(s: Scene, p: str) -> str:
    return (
        f"LOG:  statement: ALTER ROLE {s.word()} WITH LOGIN PASSWORD {sql_quoted(p)} VALID UNTIL 'infinity';"
    )


def _create_user(s: Scene, p: str) -> str:
    return f"ERROR:  syntax error in: create user {s.word()} with encrypted password {sql_quoted(p)} createdb"


def _set_password(s: Scene, p: str) -> str:
    return f"SET PASSWORD FOR '{s.user()}'@'%' = PASSWORD({sql_quoted(p)})"


def _mssql_login(s: Scene, p: str) -> str:
    return f"CREATE LOGIN [{s.user()}] WITH PASSWORD = N{sql_quoted(p)}, CHECK_POLICY = OFF"


def _sql_in_json(s: Scene, p: str) -> str:
    statement = f"ALTER USER {s.word()} WITH PASSWORD {sql_quoted(p)}"
    return json_object({"query": statement, "duration_ms": s.number(1, 99)}, spaced=False)


def _mysql(s: Scene, p: str) -> str:
    return f"+ mysql -h {s.host()} -u{s.user()} -p{shell_quoted(p)} -e 'select 1'"


def _mysqldump(s: Scene, p: str) -> str:
    return f"CMD (mysqldump -u root -p{shell_quoted(p)} {s.word()} | gzip > /backup/{s.word()}.sql.gz)"


def _curl_user(s: Scene, p: str) -> str:
    return f"+ curl -s -u {s.user()}:{shell_quoted(p)} https://{s.host()}{s.path()}"


def _curl_user_long(s: Scene, p: str) -> str:
    return f'$ curl --user "{s.user()}:{p}" -X PUT https://{s.host()}{s.path()}'


def _sshpass(s: Scene, p: str) -> str:
    return f"+ sshpass -p {shell_quoted(p)} ssh -o StrictHostKeyChecking=no {s.user()}@{s.host()} uptime"


def _pgpassword(s: Scene, p: str) -> str:
    return f"+ PGPASSWORD={shell_quoted(p)} psql -h {s.host()} -U {s.user()} -c 'select 1'"


def _redis_cli(s: Scene, p: str) -> str:
    return f"+ redis-cli -h {s.host()} -a {shell_quoted(p)} ping"


def _redis_auth(s: Scene, p: str) -> str:
    return (
        f'{s.number(10**9, 2 * 10**9)}.{s.number(1, 99999)} [0 {s.ip()}:{s.number(1000, 60000)}] "AUTH" "{p}"'
    )


def _docker_login(s: Scene, p: str) -> str:
    return f"$ docker login -u {s.user()} -p {shell_quoted(p)} {s.host()}"


def _openssl_pass(s: Scene, p: str) -> str:
    return f"+ openssl rsa -in {s.word()}.key -passin pass:{shell_quoted(p)} -out {s.word()}.pem"


def _ldapsearch(s: Scene, p: str) -> str:
    return f"+ ldapsearch -x -D cn=admin,dc=example,dc=org -w {shell_quoted(p)} -b dc=example,dc=org uid={s.user()}"


def _net_use(s: Scene, p: str) -> str:
    return f"Process Command Line: net user {s.user()} {p} /add"


def _postgres_url(s: Scene, p: str) -> str:
    return f"could not connect to {s.pick('postgres', 'postgresql')}://{s.user()}:{percent(p)}@{s.host()}:5432/{s.word()}?sslmode=require"


def _mysql_url(s: Scene, p: str) -> str:
    return f"DATABASE_URL=mysql2://{s.word()}:{percent(p)}@{s.host()}/{s.word()}"


def _raw_url(s: Scene, p: str) -> str:
    return f"engine created: postgresql+psycopg2://{s.word()}:{p}@{s.host()}:5432/{s.word()}"


def _redis_url(s: Scene, p: str) -> str:
    return f"connecting to {s.pick('redis', 'rediss')}://:{percent(p)}@{s.host()}:6379/{s.number(0, 15)}"


def _mongo_url(s: Scene, p: str) -> str:
    return f"MongoServerError: mongodb+srv://{s.user()}:{percent(p)}@{s.word()}.{s.chars('abcdefghij', 5)}.mongodb.net/{s.word()}?retryWrites=true"


def _amqp_url(s: Scene, p: str) -> str:
    return f"Cannot connect to {s.pick('amqp', 'amqps')}://{s.user()}:{percent(p)}@{s.host()}:5672//: [Errno 111] Connection refused."


def _smtp_url(s: Scene, p: str) -> str:
    return f"mailer dsn smtp://{s.user()}:{percent(p)}@{s.host()}:587?encryption=tls"


def _ftp_url(s: Scene, p: str) -> str:
    return f"wget ftp://{s.user()}:{percent(p)}@{s.host()}/{s.word()}.tar.gz -O /tmp/{s.word()}"


def _websocket_url(s: Scene, p: str) -> str:
    return f"WebSocket connection to wss://{s.user()}:{percent(p)}@{s.host()}/socket failed"


def _proxy_url(s: Scene, p: str) -> str:
    return f"HTTPS_PROXY=http://{s.user()}:{percent(p)}@{s.host()}:3128 NO_PROXY=localhost"


def _escaped_url(s: Scene, p: str) -> str:
    return f'{{"msg":"dial failed","dsn":"https:\\/\\/{s.user()}:{percent(p)}@{s.host()}\\/{s.word()}"}}'


def _go_dsn(s: Scene, p: str) -> str:
    return f"sql.Open: {s.user()}:{p}@tcp({s.host()}:3306)/{s.word()}?parseTime=true"


def _libpq(s: Scene, p: str) -> str:
    return f"dsn host={s.host()} port=5432 user={s.user()} password={p} dbname={s.word()} sslmode=disable"


def _jdbc_query(s: Scene, p: str) -> str:
    return f"url: jdbc:postgresql://{s.host()}:5432/{s.word()}?user={s.user()}&password={percent(p)}&ssl=true"


def _jdbc_oracle(s: Scene, p: str) -> str:
    return f"jdbc:oracle:thin:{s.user()}/{p}@//{s.host()}:1521/ORCL"


def _jdbc_sqlserver(s: Scene, p: str) -> str:
    return (
        f"jdbc:sqlserver://{s.host()}:1433;databaseName={s.word()};user={s.user()};password={p};encrypt=true"
    )


def _odbc(s: Scene, p: str) -> str:
    return f"DRIVER={{ODBC Driver 18 for SQL Server}};SERVER={s.host()};DATABASE={s.word()};UID={s.user()};PWD={p};Encrypt=yes"


def _ado(s: Scene, p: str) -> str:
    return f"Server=tcp:{s.host()},1433;Initial Catalog={s.word()};User ID={s.user()};Password={p};MultipleActiveResultSets=False;"


def _netrc(s: Scene, p: str) -> str:
    return f"machine {s.host()} login {s.user()} password {p}"


def _pgpass(s: Scene, p: str) -> str:
    return f"reading .pgpass entry {s.host()}:5432:{s.word()}:{s.user()}:{p}"


def _htpasswd(s: Scene, p: str) -> str:
    return f"+ htpasswd -bB /etc/nginx/.htpasswd {s.user()} {shell_quoted(p)}"


def _chpasswd(s: Scene, p: str) -> str:
    return f"+ echo {s.user()}:{shell_quoted(p)} | chpasswd"


def _basic_header(s: Scene, p: str) -> str:
    return f"Authorization: Basic {base64_run(s.user() + ':' + p)}"


def _basic_json(s: Scene, p: str) -> str:
    return json_object(
        {"headers": {"authorization": f"Basic {base64_run(s.user() + ':' + p)}", "host": s.host()}},
        spaced=False,
    )


def _kubernetes_secret(s: Scene, p: str) -> str:
    data = {"username": "YWRtaW4=", "password": base64_run(p)}
    return json_object(
        {
            "kind": "Secret",
            "apiVersion": "v1",
            "metadata": {"name": f"{s.word()}-db"},
            "data": data,
            "type": "Opaque",
        },
        spaced=False,
    )


def _docker_auths(s: Scene, p: str) -> str:
    return json_object(
        {"auths": {f"https://{s.host()}/v1/": {"auth": base64_run(f"{s.user()}:{p}")}}}, spaced=False
    )


def _docker_auths_escaped(s: Scene, p: str) -> str:
    inner = json_object(
        {"auths": {s.host(): {"username": s.user(), "auth": base64_run(f"{s.user()}:{p}")}}}, spaced=False
    )
    return f'{{"msg":"writing config.json","content":{json_string(inner)}}}'


def _imap_login(s: Scene, p: str) -> str:
    return f'C: A{s.number(100, 999)} LOGIN "{s.email()}" "{p}"'


def _ftp_pass(s: Scene, p: str) -> str:
    return f'FTP command: Client "{s.ip()}", "PASS {p}"'


def _smtp_auth_plain(s: Scene, p: str) -> str:
    return f"C: AUTH PLAIN {base64_run(chr(0) + s.user() + chr(0) + p)}"


def _failed_login(s: Scene, p: str) -> str:
    # an ordinary failure that prints the typed password, as naive login code does
    return f"login failed for {s.user()} (password {p}) from {s.ip()}"


_URL = " '\"@/:?#[]<>{}|\\^`%&;,()"
_QUOTES = "'\"\\`"
SHAPES = (
    Shape("sql identified by", "password", _identified_by),
    Shape("sql identified with .. by", "password", _identified_with),
    Shape("sql grant identified by", "password", _grant_identified),
    Shape("sql alter role", "password", _alter_role),
    Shape("sql create user", "password", _create_user),
    Shape("sql set password", "password", _set_password),
    Shape("sql create login", "password", _mssql_login),
    Shape("sql in json", "password", _sql_in_json, prefixed=False),
    Shape("mysql -p", "password", _mysql, prefixed=False),
    Shape("mysqldump -p", "password", _mysqldump),
    Shape("curl -u", "password", _curl_user, prefixed=False),
    Shape("curl --user", "password", _curl_user_long, prefixed=False, forbidden='"\\$`'),
    Shape("sshpass -p", "password", _sshpass, prefixed=False),
    Shape("PGPASSWORD", "password", _pgpassword, prefixed=False),
    Shape("redis-cli -a", "password", _redis_cli, prefixed=False),
    Shape("redis monitor auth", "password", _redis_auth, prefixed=False, forbidden='"\\'),
    Shape("docker login -p", "password", _docker_login, prefixed=False),
    Shape("openssl -passin", "password", _openssl_pass, prefixed=False),
    Shape("ldapsearch -w", "password", _ldapsearch, prefixed=False),
    Shape("net user", "password", _net_use, forbidden=_QUOTES + " "),
    Shape("postgres url", "password", _postgres_url),
    Shape("mysql url", "password", _mysql_url),
    Shape("url with raw punctuation", "password", _raw_url, forbidden=_URL),
    Shape("redis url without user", "password", _redis_url),
    Shape("mongodb+srv url", "password", _mongo_url),
    Shape("amqp url", "password", _amqp_url),
    Shape("smtp url", "password", _smtp_url),
    Shape("ftp url", "password", _ftp_url),
    Shape("websocket url", "password", _websocket_url),
    Shape("proxy url", "password", _proxy_url),
    Shape("url with escaped slashes", "password", _escaped_url, prefixed=False),
    Shape("go mysql dsn", "password", _go_dsn, forbidden=_URL),
    Shape("libpq keywords", "password", _libpq, forbidden=_QUOTES + " "),
    Shape("jdbc query", "password", _jdbc_query),
    Shape("jdbc oracle thin", "password", _jdbc_oracle, forbidden=_URL),
    Shape("jdbc sql server", "password", _jdbc_sqlserver, forbidden=";{}" + _QUOTES + " "),
    Shape("odbc", "password", _odbc, forbidden=";{}" + _QUOTES + " "),
    Shape("ado", "password", _ado, forbidden=";{}" + _QUOTES + " "),
    Shape("netrc", "password", _netrc, prefixed=False, forbidden=_QUOTES + " #"),
    Shape("pgpass", "password", _pgpass, forbidden=_QUOTES + ": "),
    Shape("htpasswd -b", "password", _htpasswd, prefixed=False),
    Shape("chpasswd", "password", _chpasswd, prefixed=False),
    Shape("basic header", "password", _basic_header),
    Shape("basic header in json", "password", _basic_json, prefixed=False),
    Shape("kubernetes secret json", "password", _kubernetes_secret, prefixed=False),
    Shape("docker config auths", "password", _docker_auths, prefixed=False),
    Shape("docker config escaped", "password", _docker_auths_escaped, prefixed=False),
    Shape("imap login", "password", _imap_login, forbidden='"\\'),
    Shape("ftp pass", "password", _ftp_pass, forbidden='"\\ '),
    Shape("smtp auth plain", "password", _smtp_auth_plain),
    Shape("failed login prints it", "password", _failed_login, forbidden=_QUOTES + " ()"),
)
