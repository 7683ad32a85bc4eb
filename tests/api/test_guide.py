"""The examples of docs/api.md, run in their order: inside the process, and with curl against a live server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kontor.identity.api import issue_key
from kontor.identity.models import User
from tenants.provisioning import in_tenant
from tests.api.conftest import Api
from tests.web.conftest import Site, site

__all__ = ["site"]
NO_PROXY = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}

_GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
_ANSWER = re.compile(r"<!-- answers: (\w+) -->\n```json\n(.*?)```", re.S)
_SHELL = re.compile(r"```sh\n(.*?)```", re.S)
_EXAMPLE = re.compile(r"<!-- run: (\S+) (\d{3}) -->\n```http\n(.*?)```", re.S)


@pytest.mark.requirement("I14")
def test_the_guide_tells_the_truth(company: Any, key_of: Any) -> None:
    _story(Api(key_of()).call)


@pytest.mark.slow("a company is founded and served, because curl wants a server")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_with_curl_it_is_the_same(site: Site) -> None:
    with in_tenant(site.name):
        key = issue_key(User.objects.get(username="admin"), name="guide", source="api")
    curl = Curl(site.url, key)
    _story(curl.call)
    for block in _SHELL.findall(_GUIDE.read_text()):
        done = subprocess.run(
            ["bash", "-eu", "-c", block.replace("curl ", "curl --fail-with-body --silent ")],
            env={**os.environ, **NO_PROXY, "KEY": key, "COMPANY": site.url},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        assert json.loads(done.stdout)["name"] == "Guide & Co"


class Curl:
    """Calls as the guide tells them."""

    def __init__(self, company: str, key: str) -> None:
        self.company, self.key = company, key

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """The answer, its JSON in ``.body``."""
        given = {"Authorization": f"Bearer {self.key}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        line = ["curl", "--silent", "--include", "--request", method, f"{self.company}{path}"]
        line += [part for name, value in given.items() for part in ("--header", f"{name}: {value}")]
        if data is not None:
            line += ["--header", "Content-Type: application/json", "--data", json.dumps(data)]
        done = subprocess.run(line, env={**os.environ, **NO_PROXY}, capture_output=True, check=True)
        head, _sep, content = done.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        told = {name.title(): value for name, value in (one.split(": ", 1) for one in lines)}
        body = json.loads(content) if content and "json" in told.get("Content-Type", "") else None
        return SimpleNamespace(
            status_code=int(first.split()[1]),
            body=body,
            content=content,
            headers={**told, "ETag": told.get("Etag", "")},
        )


def _story(call: Any) -> None:
    said: dict[str, Any] = {}

    def filled(text: str) -> str:
        return re.sub(r"\{(\w+)\.(\w+)\}", lambda m: str(said[m[1]][m[2]]), text)

    guide = _GUIDE.read_text()
    examples = _EXAMPLE.findall(guide)
    assert len(examples) >= 18
    for name, status, text in examples:
        head, _sep, body = text.partition("\n\n")
        first, *lines = filled(head).splitlines()
        method, path = first.split(" ", 1)
        headers = dict(line.split(": ", 1) for line in lines)
        headers.pop("Authorization", None)
        data = json.loads(filled(body)) if body.strip() else None
        answer = call(method, path, data, **{k.replace("-", "_"): v for k, v in headers.items()})
        assert answer.status_code == int(status), (text, answer.content)
        if answer.body is not None:
            said[name] = {**answer.body, "etag": answer.headers.get("ETag", "")}
    assert said["again"]["customer"]["name"] == "Guide & Co"
    assert said["again"]["lines"][0]["product"]["code"] == "GUIDE-1"
    assert said["changed"]["lines"][0]["quantity"] == "3" and said["upsert"]["id"] == said["customer"]["id"]
    assert said["list"]["count"] == 1 and [r["status"] for r in said["bulk"]["results"]] == [201, 200]
    shown = _ANSWER.findall(guide)
    assert len(shown) >= 6
    for name, text in shown:
        assert _part_of(json.loads(filled(text)), said[name]) == json.loads(filled(text)), name


def _part_of(wanted: Any, answer: Any) -> Any:
    """What the answer says of what is shown."""
    if isinstance(wanted, dict):
        return {key: _part_of(value, answer.get(key)) for key, value in wanted.items()}
    if isinstance(wanted, list):
        return [_part_of(value, answer[at]) if at < len(answer) else None for at, value in enumerate(wanted)]
    return answer
