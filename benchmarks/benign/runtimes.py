"""Programs that log their own doing: the JVM, Node.js, Django, a traced Python program, OpenSSH.

Not here: builds (`builds`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .run import free_port, run, serving

_JAVA: Final = """
import java.net.URI; import java.net.http.*; import java.util.logging.*;
public class App {
    public static void main(String[] args) throws Exception {
        Logger root = Logger.getLogger(""); root.setLevel(Level.ALL);
        for (Handler handler : root.getHandlers()) handler.setLevel(Level.ALL);
        var keys = java.security.KeyPairGenerator.getInstance("RSA"); keys.initialize(2048);
        root.info("public key " + keys.generateKeyPair().getPublic());
        for (int i = 0; i < 20; i++)
            try {
                var request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:9/?page=" + i)).build();
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            } catch (Exception error) { root.log(Level.WARNING, "no answer", error); }
        root.log(Level.FINE, "settings {0}", System.getProperties());
    }
}
"""
_NODE: Final = """
const http = require('http'), crypto = require('crypto'), util = require('util');
const server = http.createServer((request, response) => {
  console.log(util.inspect(request.headers), request.rawHeaders);
  response.setHeader('ETag', crypto.createHash('sha1').update(request.url).digest('hex'));
  response.setHeader('Set-Cookie', ['theme=dark; Path=/', 'lang=en']); response.end('{}');
});
server.listen(0, '127.0.0.1', async () => {
  for (let i = 0; i < 60; i++) {
    const url = `http://127.0.0.1:${server.address().port}/items/${i}`;
    const answer = await fetch(`${url}?page_token=${i}&id=${crypto.randomUUID()}`);
    console.log(answer); console.log({password: undefined, token: null, secretCount: i, apiKey: ''});
  }
  server.close(); server.closeAllConnections();
});
"""
_DJANGO: Final = """
import logging
from django.conf import settings
settings.configure(
    DEBUG=True, ROOT_URLCONF=__name__, SECRET_KEY="x" * 50, USE_TZ=True, ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[f"django.contrib.{name}" for name in "auth contenttypes sessions admin messages".split()],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)
logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(levelname)s %(name)s %(message)s")
import django
django.setup()
logging.getLogger("django.db.backends").setLevel(logging.DEBUG)
from django.core.management import call_command
from django.contrib.auth import get_user_model, password_validation
from django.contrib.auth.models import Permission
from django.http import JsonResponse
from django.test import Client
from django.urls import path

def view(request, **words):
    if words.get("number", 1) % 5 == 0:
        raise KeyError("password")
    return JsonResponse({"token": None, "password_required": True})

urlpatterns = [path("items/<int:number>/", view), path("password/reset/", view)]
call_command("migrate", verbosity=3)
try:
    call_command("check", deploy=True)
except SystemExit as error:
    print(error)
for table in ("auth", "admin", "sessions"):
    call_command("sqlmigrate", table, "0001")
client = Client(raise_request_exception=False)
for number in range(40):
    client.get(f"/items/{number}/", {"page_token": number}, headers={"User-Agent": "probe/1.0"})
client.post("/password/reset/", {"email": "bob@example.org"})
list(get_user_model().objects.filter(password__startswith="!", last_login=None))
list(Permission.objects.select_related("content_type"))
print(password_validation.password_validators_help_texts(password_validation.get_default_password_validators()))
"""


_TRACED: Final = """
import http.server, threading, requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(2, backoff_factor=0.01)))
for url in (f"http://127.0.0.1:{server.server_port}/missing", "http://127.0.0.1:9/?page_token=2"):
    try:
        print(session.get(url, cookies={"theme": "dark"}, proxies={}).headers)
    except OSError:
        import traceback
        traceback.print_exc()
server.shutdown()
"""


def traced(folder: Path) -> None:
    """Log each source line that an HTTP request runs through; needs the environment of `pip`."""
    (folder / "app.py").write_text(_TRACED)
    python = folder.parent / "pip/venv/bin/python"
    run([python, "-m", "trace", "--trace", "--ignore-module=re", "app.py"], folder / "trace.log")


def java(folder: Path) -> None:
    """Log the JVM's own doing, TLS set-up and java.util.logging at its finest."""
    (folder / "App.java").write_text(_JAVA)
    options = ["-Xlog:all=debug", "-Djavax.net.debug=all", "-Djdk.httpclient.HttpClient.log=all"]
    run(["java", *options, "App.java"], folder / "java.log")
    run(["javac", "-verbose", "-d", folder / "classes", "App.java"], folder / "javac.log")


def node(folder: Path) -> None:
    """Log Node.js' debug output of a small server and its client."""
    (folder / "app.js").write_text(_NODE)
    run(["node", "--trace-warnings", "app.js"], folder / "node.log", env={"NODE_DEBUG": "*"})


def django(folder: Path) -> None:
    """Log each SQL statement of Django's migrations and of requests; needs the environment of `pip`."""
    (folder / "app.py").write_text(_DJANGO)
    run([folder.parent / "pip/venv/bin/python", "-X", "dev", "-v", "app.py"], folder / "django.log")


def openssh(folder: Path) -> None:
    """Log a server's and a client's debug output up to a login that is refused."""
    port = free_port()
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host"], folder / "keygen.log")
    command = ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", folder / "host", "-p", str(port)]
    options = ["-o", "ListenAddress=127.0.0.1", "-o", "LogLevel=DEBUG3", "-o", "PidFile=none"]
    Path("/run/sshd").mkdir(exist_ok=True)
    with serving([*command, *options], folder / "sshd.log", port):
        for number in range(12):
            known = [
                "-o",
                f"UserKnownHostsFile={folder}/known",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "BatchMode=yes",
            ]
            client = [
                "ssh",
                "-vvv",
                "-F",
                "/dev/null",
                *known,
                "-p",
                str(port),
                f"user{number}@127.0.0.1",
                "true",
            ]
            run(client, folder / "ssh.log")
