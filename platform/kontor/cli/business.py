"""Commands on companies and their data; the work itself is in the product's management commands."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from infra.embedded.client import BASE, Services
from infra.embedded.state import State
from infra.trouble import Trouble
from kontor.cli import product
from kontor.cli.output import answer, answer_json, say, table
from kontor.cli.parser import DEFAULT_PORT


def _ready(services: Services) -> None:
    """Databases up and at this version, the product loaded."""
    services.need(*BASE)
    product.setup(services)
    product.prepare(services)


def tenants(options: argparse.Namespace) -> int:
    """Make a company or list them."""
    with Services(State(options.state)) as services:
        _ready(services)
        if options.action == "list":
            return _list_tenants(options)
        language = ["--language", options.language] if options.language else []
        made = product.call_json(
            "tenant_create", options.tenant, "--name", options.name, "--country", options.country, *language, "--json"
        )
        web = services.now.get("web")
        port = web["port"] if web else DEFAULT_PORT
        company = {**product.reach(options.tenant, port), **made}
    if options.json:
        answer_json(company)
    else:
        rows = [("role", "user", "password")]
        rows += [(user["role"], user["username"], user["password"]) for user in company["users"]]
        answer(f"{options.name} is at {company['url']}\n\n{table(rows)}\n\nAPI key: {company['api_key']}")
    if not web:
        say("Nothing serves it at the moment; ./kontor serve does (or ./kontor demo, beside the sample company).")
    return 0


def _list_tenants(options: argparse.Namespace) -> int:
    found: list[dict[str, Any]] = product.call_json("tenant_list", "--json")
    if options.json:
        answer_json(found)
    elif found:
        columns = list(found[0])
        answer(table([tuple(columns), *(tuple(str(row[column]) for column in columns) for row in found)]))
    else:
        say("There are no companies yet. Make one: ./kontor tenants create NAME --name … --country …")
    return 0


def apikey(options: argparse.Namespace) -> int:
    """A new key for a user."""
    with Services(State(options.state)) as services:
        _ready(services)
        made = product.call_json("apikey_create", "--tenant", options.tenant, "--user", options.user, "--json")
    if options.json:
        answer_json(made)
    else:
        answer(made["api_key"])
    return 0


def bring_in(options: argparse.Namespace) -> int:
    """Import a folder of files."""
    folder, mapping = (Path(path).expanduser().resolve() for path in (options.folder, options.mapping))
    if not folder.is_dir():
        raise Trouble(f"There is no folder {folder}.", "Name the one that holds the files.", code="no_file")
    if not mapping.is_file():
        raise Trouble(
            f"There is no mapping file {mapping}.", "Name the one that says which column goes where.", code="no_file"
        )
    as_json = ["--json"] if options.json else []
    with Services(State(options.state)) as services:
        _ready(services)
        try:
            told = product.call(
                "import_folder", "--tenant", options.tenant, "--mapping", str(mapping), str(folder), *as_json
            )
        except product.Failed as failed:
            if not failed.told.strip():
                raise
            answer(failed.told)  # rows were refused: the counts are the answer all the same
            say(str(failed))
            return failed.status
    answer(told)
    return 0


def resource(options: argparse.Namespace) -> int:
    """What the registry knows; needs no database."""
    product.setup(Services(State(options.state)))
    arguments = [options.resource] if options.action == "show" else []
    answer(product.call(f"resource_{options.action}", *arguments))
    return 0


def migrate(options: argparse.Namespace) -> int:
    """Bring public, the template and every company (or the one named) to this version."""
    with Services(State(options.state)) as services:
        services.need(*BASE)
        product.setup(services)
        done = product.migrate(services, options.tenant or "")
    if options.json:
        answer_json(done)
    say(f"The database is at this version; {len(done)} companies were brought to it.")
    return 0


def shell(options: argparse.Namespace) -> int:
    """Django's shell, in the foreground of this terminal."""
    options.passed_on = ["shell"]
    return manage(options)


def manage(options: argparse.Namespace) -> int:
    """Any Django command, with this terminal's streams."""
    with Services(State(options.state)) as services:
        services.need(*BASE)
        product.setup(services)
        from django.core.management import ManagementUtility  # Django is loaded once its settings are given

        os.environ["DJANGO_COLORS"] = "nocolor" if not sys.stderr.isatty() else ""
        ManagementUtility(["./kontor manage", *options.passed_on]).execute()
    return 0
