"""Tokens of code hosts, package indexes, build services and registries."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from benchmarks.accuracy.checks import crc_base36, crc_base62, sha_base32
from benchmarks.accuracy.draw import ALNUM, B64, BASE32, HEX, LOWER_NUM, UPPER, URLSAFE
from benchmarks.accuracy.kinds import Make, TokenKind, template

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene


def _crc62(prefix: str, count: int) -> Make:
    def make(scene: Scene) -> str:
        body = scene.chars(ALNUM, count)
        return prefix + body + crc_base62(body)

    return make


def _github_fine_grained(scene: Scene) -> str:
    # 11 + 22 + 1 + 43 characters, then the eight check characters, then the rest
    head = f"github_pat_11{scene.chars(UPPER + '0123456789', 20)}_{scene.chars(ALNUM, 43)}"
    return head + sha_base32(head) + scene.chars(ALNUM, 8)


def _gitlab_routable(scene: Scene) -> str:
    payload = base64.urlsafe_b64encode(
        f"o:{scene.number(1, 9)}\nu:{scene.chars(LOWER_NUM, 4)}".encode() + scene.bytes(16)
    )
    head = f"glpat-{payload.decode().rstrip('=')}.01.{scene.chars(LOWER_NUM, 2)}"
    return head + crc_base36(head)


def _pypi(scene: Scene) -> str:
    caveat = json.dumps([1, [scene.uuid()]]).encode()
    raw = (
        b"\x02\x01\x08pypi.org\x02\x24" + scene.uuid().encode() + b"\x00\x02" + bytes([len(caveat)]) + caveat
    )
    raw += b"\x00\x00\x06\x20" + scene.bytes(32)
    return "pypi-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _jfrog_reference(scene: Scene) -> str:
    raw = f"reftkn:01:{scene.number(10**9, 2 * 10**9)}:{scene.chars(ALNUM, 27)}"
    return base64.b64encode(raw.encode()).decode()


KINDS = (
    TokenKind("github-pat", _crc62("ghp_", 30), glued=True),
    TokenKind("github-oauth", _crc62("gho_", 30), glued=True),
    TokenKind("github-user-to-server", _crc62("ghu_", 30), glued=True),
    TokenKind("github-server-to-server", _crc62("ghs_", 30), glued=True),
    TokenKind("github-refresh", _crc62("ghr_", 70), glued=True),
    template("github-pat-altered", "ghp_", (ALNUM, 36)),
    template("github-server-altered", "ghs_", (ALNUM, 36)),
    TokenKind("github-fine-grained", _github_fine_grained),
    template("github-fine-grained-altered", "github_pat_", (ALNUM, 22), "_", (ALNUM, 59)),
    template("gitlab-pat", "glpat-", (URLSAFE, 19), (ALNUM, 1)),
    TokenKind("gitlab-pat-routable", _gitlab_routable),
    template("gitlab-pipeline-trigger", "glptt-", (HEX, 40)),
    template("gitlab-runner", "glrt-", (URLSAFE, 19), (ALNUM, 1)),
    template("gitlab-runner-registration", "GR1348941", (URLSAFE, 19), (ALNUM, 1)),
    template("gitlab-deploy", "gldt-", (URLSAFE, 19), (ALNUM, 1)),
    template("gitlab-job", "glcbt-", (HEX, 2), "_", (URLSAFE, 19), (ALNUM, 1)),
    template("gitlab-feed", "glft-", (URLSAFE, 19), (ALNUM, 1)),
    template("gitlab-oauth-app", "gloas-", (HEX, 64)),
    template("gitlab-kubernetes-agent", "glagent-", (URLSAFE, 49), (ALNUM, 1)),
    template("gitlab-incoming-mail", "glimt-", (ALNUM, 25)),
    template("bitbucket-app-password", "ATBB", (ALNUM, 24), (HEX.upper(), 8)),
    template("bitbucket-http-access", "BBDC-M", ("DTjgwz", 1), (ALNUM, 41), (ALNUM, 1)),
    TokenKind("npm", _crc62("npm_", 30), glued=True),
    template("npm-altered", "npm_", (ALNUM, 36)),
    TokenKind("pypi", _pypi),
    template("pypi-altered", "pypi-AgEIcHlwaS5vcmc", (URLSAFE, 130, 170), (ALNUM, 1)),
    template("rubygems", "rubygems_", (HEX, 48)),
    template("nuget", "oy2", (LOWER_NUM, 43)),
    template("clojars", "CLOJARS_", (HEX, 60)),
    template("crates-io", "cio", (ALNUM, 32)),
    template("docker-pat", "dckr_pat_", (URLSAFE, 26), (ALNUM, 1)),
    template("docker-org", "dckr_oat_", (URLSAFE, 31), (ALNUM, 1)),
    template("docker-swarm-join", "SWMTKN-1-", (LOWER_NUM, 50), "-", (LOWER_NUM, 25)),
    template("docker-swarm-unlock", "SWMKEY-1-", (B64, 42), (ALNUM, 1)),
    TokenKind("jfrog-reference", _jfrog_reference),
    template("artifactory-api-key", "AKCp", ("58", 1), (ALNUM, 68)),
    template("circleci", "CCIPAT_", (ALNUM, 22), "_", (HEX, 40)),
    template("buildkite-user", "bkua_", (HEX, 40)),
    template("sonarqube-user", "squ_", (HEX, 40)),
    template("sonarqube-project", "sqp_", (HEX, 40)),
    template("sourcegraph", "sgp_", (HEX, 16), "_", (HEX, 40)),
    template("postman", "PMAK-", (HEX, 24), "-", (HEX, 34)),
    template("terraform-cloud", (ALNUM, 14), ".atlasv1.", (ALNUM, 67)),
    template("pulumi", "pul-", (HEX, 40)),
    template("doppler-personal", "dp.pt.", (ALNUM, 43)),
    template("doppler-service", "dp.st.prd.", (ALNUM, 43)),
    template("vault-service", "hvs.", (URLSAFE, 89), (ALNUM, 1)),
    template("vault-service-short", "hvs.", (ALNUM, 24)),
    template("vault-batch", "hvb.", (URLSAFE, 159), (ALNUM, 1)),
    template("infracost", "ico-", (ALNUM, 32)),
    template("snyk-dependency-track", "odt_", (ALNUM, 32)),
    template("prefect", "pnu_", (ALNUM, 36)),
    template("openshift", "sha256~", (URLSAFE, 42), (ALNUM, 1)),
    template("unkey", "unkey_", (ALNUM, 24)),
    template("cloudsmith", "csa_", (ALNUM, 36)),
    template("devin", "cog_", (BASE32.lower(), 52)),
    template(
        "launchdarkly",
        "sdk-",
        (HEX, 8),
        "-",
        (HEX, 4),
        "-4",
        (HEX, 3),
        "-",
        ("89ab", 1),
        (HEX, 3),
        "-",
        (HEX, 12),
    ),
    template("thunderstore", "tss_", (ALNUM, 40)),
)
