"""The examples of docs/api.md, run in their order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.api.conftest import Api

_GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
_ANSWER = re.compile(r"<!-- answers: (\w+) -->\n```json\n(.*?)```", re.S)
_EXAMPLE = re.compile(r"<!-- run: (\S+) (\d{3}) -->\n```http\n(.*?)```", re.S)


def test_the_guide_tells_the_truth(company: Any, key_of: Any) -> None:
    api, said = Api(key_of()), {}

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
        answer = api.call(method, path, data, **{k.replace("-", "_"): v for k, v in headers.items()})
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
