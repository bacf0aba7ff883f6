"""Look-alikes under telling keys: masked values, references, placeholders, nothing at all, SQL parameters."""

# ruff: noqa: E501, S608 - rows of tables stay whole; SQL in made-up log lines runs nowhere

from __future__ import annotations

from benchmarks.accuracy.benign import BenignKind as Kind
from benchmarks.accuracy.draw import UPPER_NUM, Scene
from benchmarks.accuracy.text import json_object


def _key(s: Scene) -> str:
    return s.pick(
        "password",
        "db_password",
        "token",
        "api_key",
        "client_secret",
        "access_token",
        "DB_PASSWORD",
        "secretKey",
        "auth_token",
    )


def _pair(s: Scene, value: str) -> str:
    key = _key(s)
    styles = (
        f"{key}={value}",
        f"{key}: {value}",
        f'"{key}": "{value}"',
        f'{key}="{value}"',
        f'{{"user":"{s.user()}","{key}":"{value}"}}',
        f"{key} = {value}",
        f"{{'{key}': '{value}'}}",
        f'"{key}"=>"{value}"',
        f"--{key.lower().replace('_', '-')}={value}",
        f'{{\\"{key}\\":\\"{value}\\"}}',
    )
    return f"{s.word()} {s.rng.choice(styles)}"


def _header(s: Scene, value: str) -> str:
    name = s.pick(
        "Authorization",
        "authorization",
        "X-Api-Key",
        "Cookie",
        "x-auth-token",
        "Proxy-Authorization",
        "Set-Cookie",
    )
    return s.rng.choice(
        (
            f"{name}: {value}",
            f"> {name}: {value}",
            f'{{"headers":{{"{name}":"{value}"}}}}',
            f"map[{name}:[{value}]]",
        )
    )


def _literal(s: Scene, value: str) -> str:
    key = _key(s)
    return s.rng.choice(
        (
            f"{s.word()} {key}={value}",
            f'{{"{key}":{value},"id":{s.number(1, 99)}}}',
            f"  {key}: {value}",
            f"Config({key}={value}, host={s.host()})",
        )
    )


# one row a line
# fmt: off
KINDS = (
    Kind("masked by stars", lambda s: _pair(s, "*" * s.number(3, 16))),
    Kind("masked by x", lambda s: _pair(s, s.pick("x", "X") * s.number(4, 12))),
    Kind("masked by dots", lambda s: _pair(s, s.pick("•", "●", ".") * s.number(6, 10))),
    Kind("masked by hashes", lambda s: _pair(s, "#" * s.number(6, 10))),
    Kind("masked, redacted in brackets", lambda s: _pair(s, s.pick("[REDACTED]", "[FILTERED]", "[redacted]", "[MASKED]", "[hidden]", "[SECRET]"))),
    Kind("masked, redacted in angles", lambda s: _pair(s, s.pick("<redacted>", "<hidden>", "<masked>", "<REDACTED>", "<secret>", "<sensitive>"))),
    Kind("masked, redacted word", lambda s: _pair(s, s.pick("REDACTED", "redacted", "MASKED", "hidden", "FILTERED", "removed"))),
    Kind("masked, redacted label", lambda s: _pair(s, f"[REDACTED:{s.word()}-token]")),
    Kind("masked, partly", lambda s: _pair(s, f"****{s.chars(UPPER_NUM, 4)}")),
    Kind("masked, prefix kept", lambda s: f"using key {s.pick('sk_live_', 'ghp_', 'xoxb-', 'glpat-', 'AKIA')}{'*' * s.number(12, 24)}{s.chars(UPPER_NUM, 4)}"),
    Kind("masked by three dashes", lambda s: _pair(s, s.pick("---", "--", "-----"))),
    Kind("masked in url", lambda s: f"connecting to postgres://{s.user()}:{s.pick('***', '****', 'xxxxx', '[REDACTED]')}@{s.host()}:5432/{s.word()}"),
    Kind("masked in query", lambda s: f"GET {s.path()}?access_token={s.pick('***', '%5BFILTERED%5D', 'REDACTED', '[FILTERED]')}&page=2"),
    Kind("masked header", lambda s: _header(s, s.pick("***", "[REDACTED]", "Bearer ***", "Bearer [REDACTED]", "<redacted>", "Bearer ********", "(masked)"))),
    Kind("masked in sql", lambda s: f"ALTER ROLE {s.word()} WITH PASSWORD '{s.pick('****', '[REDACTED]', 'xxxxx')}'"),
    Kind("masked command line", lambda s: f"+ mysql -h {s.host()} -u{s.user()} -p{s.pick('****', 'xxxxx', '<redacted>')}", prefixed=False),
    Kind("masked kubernetes dump", lambda s: f'"data":{{"password":"{s.pick("***", "", "[REDACTED]", "<set to the key in secret>")}"}}'),
    Kind("ansible hidden", lambda s: f"fatal: [{s.host()}]: FAILED! => {{\"censored\": \"the output has been hidden due to the fact that 'no_log: true' was specified\"}}"),
    Kind("terraform sensitive", lambda s: f"  + {s.pick('password', 'token', 'secret')} = (sensitive value)", prefixed=False),
    Kind("actions masked", lambda s: f"  {s.pick('GITHUB_TOKEN', 'NPM_TOKEN', 'AWS_SECRET_ACCESS_KEY')}: ***", prefixed=False),
    Kind("reference with braces", lambda s: _pair(s, s.pick("${DB_PASSWORD}", "${env.TOKEN}", "${{ secrets.API_KEY }}", "${VAULT:secret/db}", "${password:-}"))),
    Kind("reference with dollar", lambda s: _pair(s, s.pick("$DB_PASSWORD", "$TOKEN", "$1", "$(cat /run/secrets/pw)", "$PASSWORD"))),
    Kind("reference with percent", lambda s: _pair(s, s.pick("%(db_password)s", "%DB_PASSWORD%", "%s", "%v", "%env(APP_SECRET)%"))),
    Kind("reference in mustache", lambda s: _pair(s, s.pick("{{ x }}", "{{ .Values.password }}", "{{token}}", "{{ vault_db_password }}", "{% token %}"))),
    Kind("reference in single braces", lambda s: _pair(s, s.pick("{password}", "{0}", "{token}", "{{{secret}}}"))),
    Kind("reference, at sign", lambda s: _pair(s, s.pick("@password@", "@db.password@", "#{password}", "!Ref DbPassword", "!vault"))),
    Kind("reference to environment", lambda s: _key(s) + "=" + s.pick("process.env.DB_PASSWORD", 'os.environ["TOKEN"]', 'System.getenv("API_KEY")', 'ENV["SECRET"]', "env.API_TOKEN")),
    Kind("reference to a vault", lambda s: f"{_key(s)}={s.pick('vault:secret/data/db#password', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db', 'op://vault/db/password', 'file:/run/secrets/db', 'ssm:/prod/db/password')}"),
    Kind("reference to terraform", lambda s: _key(s) + " = " + s.pick("var.db_password", 'data.vault_generic_secret.db.data["password"]', "random_password.db.result", "local.token")),
    Kind("placeholder in angles", lambda s: _pair(s, s.pick("<password>", "<your-token>", "<YOUR_API_KEY>", "<token>", "<insert key here>"))),
    Kind("placeholder words", lambda s: _pair(s, s.pick("your-api-key", "YOUR_API_KEY", "your_token_here", "changeme", "example", "placeholder", "my-secret-token-here", "dummy", "insert-token-here", "TODO"))),
    Kind("null", lambda s: _literal(s, s.pick("null", "None", "nil", "undefined", "NULL", "<nil>"))),
    Kind("empty", lambda s: _literal(s, s.pick('""', "''"))),
    Kind("empty, bare", lambda s: f"user={s.user()} password= token= host={s.host()}"),
    Kind("empty in url", lambda s: f"GET {s.path()}?token=&api_key=&page={s.number(1, 9)}"),
    Kind("boolean", lambda s: _literal(s, s.pick("true", "false", "True", "False"))),
    Kind("boolean words", lambda s: f"password={s.pick('yes', 'no', 'on', 'off', 'required', 'optional', 'enabled', 'disabled', 'set', 'unset', 'none', 'missing', 'provided', 'present')} user={s.user()}"),
    Kind("numbers under keys", lambda s: _literal(s, str(s.number(0, 9)))),
    Kind("length of a value", lambda s: f"password_length={s.number(8, 32)} token_len={s.number(20, 99)} secret_size={s.number(16, 64)}"),
    Kind("lists and objects", lambda s: f'{{"tokens":[],"secrets":{{}},"passwords":[null],"keys":[{s.number(1, 9)},{s.number(1, 9)}]}}'),
    Kind("types under keys", lambda s: _literal(s, s.pick("string", "String", "str", "varchar(255)", "text", "bytes", "SecretStr", "Optional[str]", "[]byte"))),
    Kind("sql question mark", lambda s: f"SELECT id FROM users WHERE email = ? AND password = ? LIMIT {s.number(1, 9)}"),
    Kind("sql numbered parameter", lambda s: f"UPDATE accounts SET password = $1, token = $2 WHERE id = ${s.number(3, 9)}"),
    Kind("sql named parameter", lambda _: "INSERT INTO users (name, password, api_key) VALUES (:name, :password, :api_key)"),
    Kind("sql columns", lambda s: f"SELECT u.password, u.token_id, s.secret_name FROM {s.word()} u JOIN {s.word()}s s ON s.id = u.secret_id"),
    Kind("sql ddl", lambda s: f"ALTER TABLE {s.word()}s ADD COLUMN password_hash varchar(255) NOT NULL DEFAULT ''"),
    Kind("sql password null", lambda s: f"ALTER ROLE {s.word()} PASSWORD NULL; ALTER USER {s.word()} PASSWORD EXPIRE;"),
    Kind("sql scram setting", lambda s: f"CREATE USER {s.word()} IDENTIFIED EXTERNALLY; SET password_encryption TO 'scram-sha-256'"),
    Kind("url without password", lambda s: f"redis://{s.host()}:6379/{s.number(0, 9)} and postgres://{s.user()}@{s.host()}/{s.word()}"),
    Kind("url with port and at", lambda s: f"https://{s.host()}:8443/@{s.user()}/{s.word()}?v={s.number(1, 9)}:{s.number(1, 9)}@latest"),
    Kind("scp-like url", lambda s: f"git@{s.host()}:{s.word()}/{s.word()}.git (fetch)"),
    Kind("purl", lambda s: f"pkg:npm/%40{s.word()}/{s.word()}@{s.number(1, 9)}.{s.number(0, 9)}.0 resolved"),
    Kind("scoped package", lambda s: f"npm http fetch GET 200 https://registry.npmjs.org/@{s.word()}%2f{s.word()} {s.number(1, 900)}ms"),
    Kind("xml empty", lambda s: f"<login><user>{s.user()}</user><password></password><token/></login>"),
    Kind("xml masked", lambda s: f"<Password>{s.pick('*****', '[REDACTED]', 'xxxxxx')}</Password><User>{s.user()}</User>"),
    Kind("xml type", lambda _: '<xs:element name="password" type="xs:string" minOccurs="0"/>'),
    Kind("html form", lambda s: f'<input type="password" name="password" id="{s.word()}" placeholder="Password" required>'),
    Kind("connection string without", lambda s: f"Server={s.host()};Database={s.word()};Integrated Security=SSPI;Password=;Encrypt=True"),
    Kind("jdbc without", lambda s: f"jdbc:postgresql://{s.host()}:5432/{s.word()}?sslmode=require&user={s.user()}"),
    Kind("kubernetes env from", lambda s: f"      DB_PASSWORD:  <set to the key 'password' in secret '{s.word()}-db'>  Optional: false", prefixed=False),
    Kind("helm values", lambda s: f"--set auth.existingSecret={s.word()}-secret --set auth.secretKeys.adminPasswordKey=admin-password"),
    Kind("otlp without", lambda s: json_object({"attributes": [{"key": "auth.method", "value": {"stringValue": "oauth"}}, {"key": "token.count", "value": {"intValue": s.number(1, 99)}}]}, spaced=False)),
    Kind("otlp masked", lambda s: f'{{"key":"http.request.header.authorization","value":{{"stringValue":"{s.pick("[REDACTED]", "****", "Bearer ***")}"}}}}'),
    Kind("names without values", lambda _: '{"string":{"names":["password","token"],"values":["[REDACTED]","***"]}}'),
    Kind("flags without values", lambda s: f"+ ./{s.word()} --password --token-stdin --no-password --ask-pass -v", prefixed=False),
    Kind("password from stdin", lambda s: f"+ docker login -u {s.user()} --password-stdin {s.host()}", prefixed=False),
    Kind("curl without password", lambda s: f"+ curl -u {s.user()} -p 8080 -sS https://{s.host()}{s.path()}", prefixed=False),
    Kind("ssh options", lambda s: f"+ ssh -p {s.number(22, 9999)} -o PasswordAuthentication=no -o PubkeyAuthentication=yes {s.user()}@{s.host()}", prefixed=False),
    Kind("mkdir -p", lambda s: f"+ mkdir -p /var/lib/{s.word()} && tar -pxzf {s.word()}.tgz", prefixed=False),
    Kind("mysql without password", lambda s: f"+ mysql -h {s.host()} -u {s.user()} -p {s.word()} -P 3306", prefixed=False),
    Kind("feature flags", lambda s: f"enable_password_login=true token_auth_enabled=false secret_scanning={s.pick('on', 'off')} two_factor=optional"),
    Kind("token endpoint", lambda s: f"token_endpoint=https://{s.host()}/oauth/token token_uri=https://{s.host()}/token jwks_uri=https://{s.host()}/keys"),
    Kind("secret store config", lambda s: f"secretStore: {s.word()}-vault secretBackend=vault tokenRole={s.service()}"),
    Kind("user agents", lambda s: f'user_agent="aws-sdk-go-v2/1.{s.number(1, 30)}.0 os/linux lang/go#1.22 md/GOARCH#amd64 api/secretsmanager#1.{s.number(1, 30)}.1"'),
    Kind("proxy without user", lambda s: f"http_proxy=http://{s.host()}:3128 https_proxy=http://{s.host()}:3128 no_proxy=localhost,127.0.0.1"),
    Kind("basic in prose", lambda s: f"Basic authentication is deprecated; Bearer authentication will be required for {s.path()} from 2026"),
    Kind("negotiate", lambda _: "WWW-Authenticate: Negotiate, NTLM"),
    Kind("digest challenge", lambda s: f'WWW-Authenticate: Digest realm="{s.word()}", qop="auth", nonce="{s.hex(32)}", opaque="{s.hex(32)}"'),
)
