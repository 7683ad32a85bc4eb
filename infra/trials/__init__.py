"""Trials of `./kontor demo` and `./kontor test` on a bare machine: broken on purpose, looked at, tried again.

Standard library only; see ``python3 -m infra.trials --help`` (as root, on a Debian or a relative of it).
"""
