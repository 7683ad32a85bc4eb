"""Makes what docs/adding_a_resource.md tells in a copy of the checkout."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "adding_a_resource.md"
_COPIED = ("platform", "tests", "tenants", "integrations", "billing", "infra", "docs")
_BLOCK = re.compile(r"^`(\S+)`(, changed)?:\n\n```\w+\n(.*?)```", re.S | re.M)
_WORDS = re.compile(r"<!-- words: (\w+) -->\n\|.*\n\| --- .*\n((?:\|.*\n)+)")

# The copy borrows the test database of the run that started it: same companies, and the new module's
# tables made inside each test's transaction.
_BORROWED = """

_inside_as_founded = _inside


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        connection.close_pool()


def _inside(name: str) -> Iterator[Any]:
    from tenants.models import Tenant
    from tenants.versions import level

    connection.set_schema_to_public()
    for company in Tenant.objects.filter(name__in={"beta", name}):
        connection.set_tenant(company)
        _make_tables()
        connection.set_schema_to_public()
    Tenant.objects.update(level=level())
    yield from _inside_as_founded(name)


def _make_tables() -> None:
    migration, state = _migration()
    with connection.schema_editor(atomic=False) as editor:
        migration.apply(state.clone(), editor)


@functools.cache
def _migration() -> Any:
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    migration = loader.graph.nodes["warranty", "0001_initial"]
    return migration, loader.project_state(migration.dependencies)
"""


def make(folder: Path) -> Path:
    """The copy with all blocks of the guide in it."""
    for name in _COPIED:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    blocks = _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(blocks) >= 12
    for path, changed, text in blocks:
        file = folder / path
        if not changed:
            assert not file.exists(), f"{path} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        else:
            file.write_text(edited(file.read_text(encoding="utf-8"), text, path), encoding="utf-8")
    conftest = folder / "tests" / "conftest.py"
    text = conftest.read_text(encoding="utf-8").replace("import hashlib", "import functools\nimport hashlib", 1)
    conftest.write_text(text + _BORROWED, encoding="utf-8")
    return folder


def edited(text: str, diff: str, path: str) -> str:
    """The text after a change told as context, ``-`` and ``+`` lines; the context must be found once."""
    lines = diff.splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
    after = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
    assert text.count(before) == 1, f"{path} no longer has, or has twice:\n{before}"
    return text.replace(before, after)


def words(language: str) -> dict[str, str]:
    """English → translation, as the guide's tables of that language say."""
    out = {}
    for found, table in _WORDS.findall(GUIDE.read_text(encoding="utf-8")):
        if found == language:
            pairs = (row.strip("|\n ").split(" | ") for row in table.splitlines())
            out.update({english.strip(): chinese.strip() for english, chinese in pairs})
    assert out, f"The guide has no words in {language}."
    return out


def told(english: str) -> tuple[str, str | None]:
    """Text and context of a row such as ``Issued (warranty)``, as `./kontor words FOLDER` writes them."""
    found = re.fullmatch(r"(.+) \((\w+)\)", english)
    return (found[1], found[2]) if found else (english, None)
