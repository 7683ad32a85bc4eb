"""The worked example of docs/adding_a_resource.md: made in a copy of the checkout, checked and tested there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from django.conf import settings

from tests.docs import worked_example

LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
DJANGO = "from django.core.management import execute_from_command_line as run; import sys; run(sys.argv)"


class Copy:
    """The changed copy of the checkout, and commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        base = settings.DATABASES["default"]
        self.environ = {
            **os.environ,
            "PYTHONPATH": f"{folder / 'platform'}{os.pathsep}{folder}",
            "DJANGO_SETTINGS_MODULE": "kontor.settings",
            "DATABASE_URL": f"postgresql://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{base['NAME']}",
            "KONTOR_STATE": str(folder / ".kontor"),
            "KONTOR_VENDOR": str(settings.VENDOR),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MYPY_CACHE_DIR": str(folder / ".mypy_cache"),
            "RUFF_CACHE_DIR": str(folder / ".ruff_cache"),
        }
        self.environ.pop("PYTEST_XDIST_WORKER", None)
        self.environ.pop("PYTEST_CURRENT_TEST", None)

    def run(self, *arguments: str) -> str:
        """What a command printed; it must succeed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def translate(self) -> None:
        """Fill the catalogues with the guide's words and nothing else."""
        self.run("-m", "infra.translations", "--update")
        for language in ("zh_Hant", "zh_Hans"):
            path = self.folder / f"platform/suite/locale/{language}/LC_MESSAGES/django.po"
            with path.open("rb") as file:
                catalog = read_po(file, locale=language)
            for english, chinese in worked_example.words(language).items():
                text, context = worked_example.told(english)
                entry = catalog.get(text, context)
                assert entry is not None, f"No source says {english!r}."
                entry.string = entry.string or chinese
            with path.open("wb") as file:
                write_po(file, catalog)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Copy]:
    made = Copy(worked_example.make(tmp_path_factory.mktemp("checkout")))
    made.run("-c", DJANGO, "makemigrations", "--skip-checks", "warranty")
    made.translate()
    yield made


@pytest.mark.requirement("I14")
def test_the_new_module_passes_its_tests_and_the_contract_suite(copy: Copy) -> None:
    told = copy.run("-m", "pytest", "-k", "warranty", "tests/warranty", "tests/contract", "tests/api")
    passed = int(told.rpartition(" passed")[0].rpartition("\n")[2].split()[-1])
    assert passed >= 30, told


def test_its_files_keep_the_rules_of_the_house(copy: Copy) -> None:
    ours = ["platform/suite/warranty", "tests/warranty", "tests/factories.py"]
    copy.run("-m", "ruff", "check", *ours)
    copy.run("-m", "ruff", "format", "--check", *ours)
    copy.run("-c", LINT_IMPORTS)
    copy.run("-c", DJANGO, "makemigrations", "--check", "--dry-run")


def test_it_passes_the_guards(copy: Copy) -> None:
    """Translations, the words of the house, labels: what `./kontor check` runs and a copy without history can."""
    copy.run("-m", "pytest", "--without-database", "tests/guards/test_translations.py", "tests/guards/test_labels.py")
    assert copy.run("-m", "infra.translations").strip() == ""
