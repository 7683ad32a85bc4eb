"""The documents name what is there: links, pictures, commands, settings."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

from kontor.cli.parser import _build, parse
from kontor.cli.product import WAYS_OUT

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDES = sorted((ROOT / "docs/user_guide").glob("*/README.md"))
INTERNAL = {
    "KONTOR_PORT",
    "KONTOR_READY_FILE",
    "KONTOR_TEST_OUTSIDE",
    "KONTOR_TEST_OUTPUT",
    "KONTOR_MAIN_STATE",
    "KONTOR_TRIALS_MOUNTS",
}
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = []
    for target in _LINK.findall(text):
        path, _sep, anchor = target.partition("#")
        if "://" in path:
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            broken.append(target)
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as repository hosts make them."""
    heads = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def test_the_user_guide_is_the_same_in_three_languages() -> None:
    assert [g.parent.name for g in GUIDES] == ["en", "zh-hans", "zh-hant"]
    shown = [re.findall(r"!\[[^\]]+\]\((\w+\.png)\)", g.read_text(encoding="utf-8")) for g in GUIDES]
    assert shown[0] == shown[1] == shown[2]
    assert len(shown[0]) >= 12
    for guide, names in zip(GUIDES, shown, strict=True):
        heavy = [name for name in names if (guide.parent / name).stat().st_size > 150_000]
        assert (guide.parent.name, heavy) == (guide.parent.name, [])
        assert {p.name for p in guide.parent.glob("*.png")} == set(names)


def test_every_command_that_is_told_exists() -> None:
    known = set(_build()._subparsers._group_actions[0].choices)  # type: ignore[union-attr]
    told = {
        (page.name, command)
        for page in PAGES
        for command in re.findall(r"\./kontor (?:--state \S+ )?([a-z]+)", page.read_text(encoding="utf-8"))
    }
    assert len(told) > 10
    assert sorted((page, command) for page, command in told if command not in known) == []


def _command_lines(page: Path) -> list[str]:
    """The lines of the page's shell blocks that call the command line, without their remarks."""
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```", page.read_text(encoding="utf-8"))
    lines = (line.split("  #")[0].strip() for block in blocks for line in block.splitlines())
    return [line[line.index("./kontor") + len("./kontor") :] for line in lines if "./kontor" in line]


def test_every_line_that_is_told_is_understood() -> None:
    told = [(page, line) for page in PAGES for line in _command_lines(page)]
    assert len(told) > 25
    for page, line in told:
        words = shlex.split(line)
        with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.suppress(SystemExit):
            assert parse(words, default_state=ROOT / ".kontor").command in words
            continue
        raise AssertionError(f"{page.name}: ./kontor{line}\n{said.getvalue()}")


def test_every_setting_is_told_and_every_told_one_is_read() -> None:
    folders = ("platform", "tenants", "infra", "integrations")
    code = "\n".join(p.read_text(encoding="utf-8") for f in folders for p in (ROOT / f).rglob("*.py"))
    read = set(re.findall(r"[\"'](KONTOR_[A-Z_]+)[\"']", code))
    told = set(re.findall(r"KONTOR_[A-Z_]+", (ROOT / "docs/operators.md").read_text(encoding="utf-8")))
    assert told - read == set()
    assert read - told - INTERNAL == set()


def test_every_code_of_the_command_line_is_told_with_a_way_out() -> None:
    table = re.findall(r"(?m)^\| (`.+) \| ", (ROOT / "docs/operators.md").read_text(encoding="utf-8"))
    told = {code for cell in table for code in re.findall(r"`([a-z_]+)`", cell)}
    files = [*(ROOT / "infra").rglob("*.py"), *(ROOT / "platform/kontor/cli").rglob("*.py")]
    said = {code for f in files for code in re.findall(r"code=\"([a-z_]+)\"", f.read_text(encoding="utf-8"))}
    assert sorted((said | set(WAYS_OUT)) - told) == []
    assert all(WAYS_OUT.values()) and "migration_changed" in WAYS_OUT


@pytest.mark.parametrize("module", ["parties", "catalog", "finance", "inventory", "sales"])
def test_the_facades_are_told_as_they_are(module: str) -> None:
    """Each call in a facade's table is there to be called, and each call that is there is told."""
    api = import_module(f"suite.{module}.api")
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    section = text.partition(f"### {module}.api\n")[2].partition("\n### ")[0].partition("\n## ")[0]
    cells = [re.split(r"(?<!\\)\|", line)[1] for line in section.splitlines() if line.startswith("| `")]
    told = {name for cell in cells for name in re.findall(r"(?:^|[`·]) ?`?([a-z_]+)[(`]", cell)}
    own = [name for name, value in vars(api).items() if isfunction(value) and value.__module__ == api.__name__]
    offered = {n for n in getattr(api, "__all__", own) if n[:1] != "_" and isfunction(getattr(api, n))}
    assert told and told - offered == set()
    assert {name for name in offered if f"`{name}`" not in section and f"{name}(" not in section} == set()
