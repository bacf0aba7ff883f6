"""PostgreSQL with statement logging: a benchmark, a dump, and statements that only look like secrets.

Not here: other servers (`servers`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .run import as_user, find, free_port, run, serving

_SETTINGS: Final = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
log_statement = all
log_duration = on
log_connections = on
log_disconnections = on
log_checkpoints = on
log_autovacuum_min_duration = 0
log_replication_commands = on
log_min_messages = debug1
log_line_prefix = '%m [%p] %q%u@%d app=%a sess=%c vxid=%v '
"""
#: None of these holds a secret, though each speaks of one.
STATEMENTS: Final = r"""
CREATE ROLE app LOGIN;
ALTER ROLE app VALID UNTIL '2031-01-01 00:00:00+00';
ALTER ROLE app SET statement_timeout = '30s';
CREATE ROLE auditor NOLOGIN PASSWORD NULL;
SET password_encryption = 'scram-sha-256';
SHOW password_encryption;
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, password text, password_changed_at timestamptz,
    api_token varchar(64), session_id uuid, secret_question text, pin char(4));
COMMENT ON COLUMN users.password IS 'bcrypt, cost 12';
CREATE INDEX users_api_token_idx ON users (api_token);
PREPARE find_user (text, text) AS SELECT id FROM users WHERE name = $1 AND password = $2;
PREPARE set_password (text, int) AS UPDATE users SET password = $1, password_changed_at = now() WHERE id = $2;
EXECUTE find_user(NULL, NULL);
INSERT INTO users (name, session_id, secret_question) VALUES
    ('bob', gen_random_uuid(), 'name of the first pet'), ('o''brien', gen_random_uuid(), NULL)
    RETURNING id, session_id;
UPDATE users SET password = NULL, api_token = DEFAULT WHERE name = 'bob';
SELECT name, password IS NULL AS no_password, length(api_token) FROM users
    WHERE password IS NULL OR api_token = '';
SELECT md5(name), encode(sha256(name::bytea), 'hex'), encode(name::bytea, 'base64') FROM users;
SELECT rolname, rolpassword IS NOT NULL AS has_password FROM pg_authid ORDER BY 1;
SELECT * FROM pg_settings WHERE name ~ 'password|ssl_key|krb';
SELECT pg_advisory_lock(42), pg_advisory_unlock(42), txid_current();
DO $$ BEGIN
    RAISE NOTICE 'password: must have % characters', 12; RAISE WARNING 'token "%" not known', '<none>';
END $$;
SELECT passwd FROM users;
ALTER ROLE nobody_here PASSWORD NULL;
GRANT SELECT (id, name) ON users TO app;
EXPLAIN (ANALYZE, VERBOSE, BUFFERS) SELECT count(*) FROM users u JOIN pg_class c ON c.oid::int = u.id
    WHERE u.api_token LIKE 'x%';
\d+ users
\du+
\df+ pg_catalog.*crypt*
"""


def postgres(folder: Path) -> None:
    """Log every statement of a benchmark in its three protocols, of a dump, and of `STATEMENTS`."""
    binaries = Path(find("postgres", "usr/lib/postgresql/*/bin") or "postgres").parent
    user = as_user("postgres", folder)
    data, log, port = folder / "data", folder / "console.log", free_port()
    run(
        [*user, binaries / "initdb", "-D", data, "-U", "owner", "-A", "trust", "--no-sync", "-E", "UTF8"], log
    )
    with (data / "postgresql.conf").open("a") as file:
        file.write(f"{_SETTINGS}port = {port}\n")
    where = ["-h", "127.0.0.1", "-p", str(port), "-U", "owner"]
    with serving([*user, binaries / "postgres", "-D", data], folder / "server.log", port):
        run(["pgbench", "-i", "-s", "1", *where, "postgres"], log)
        for protocol, count in (("simple", 200), ("extended", 600), ("prepared", 600)):
            run(["pgbench", "-n", "-c", "2", "-t", str(count), "-M", protocol, *where, "postgres"], log)
        run(["psql", "-X", "-a", *where, "postgres"], folder / "psql.log", feed=STATEMENTS)
        verbose = {"PGOPTIONS": "-c debug_print_plan=on -c debug_print_parse=on -c log_parser_stats=on"}
        run(["psql", "-X", *where, "postgres"], folder / "psql.log", feed=STATEMENTS, env=verbose)
        run(["pg_dump", "--schema-only", "--verbose", *where, "postgres"], folder / "dump.log")
