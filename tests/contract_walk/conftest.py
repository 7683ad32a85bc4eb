"""The callers of the contract suite, and a served company for what is tried over a socket."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from django.db import connection

from tests.contract.conftest import api, api_as
from tests.contract_walk.program import Program
from tests.web.conftest import _Quiet, _Server

__all__ = ["api", "api_as"]
COMPANIES = {"tw": "TWD", "us": "USD", "jp": "JPY"}


@pytest.fixture(scope="module", params=list(COMPANIES))
def program(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Program]:
    """A program with the administrator's key at a company of its own, really committed; one a currency."""
    from django.core.wsgi import get_wsgi_application

    from tenants.company import found_company
    from tenants.provisioning import drop_tenant

    with django_db_blocker.unblock():
        connection.close()
        founded = found_company(f"walk-{os.urandom(3).hex()}", title="Walk", country=request.param, language="en")
        server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        host = f"{founded.tenant.name}.localhost"
        yield Program(f"http://127.0.0.1:{server.server_port}", host, founded.api_key, COMPANIES[request.param])
        server.shutdown()
        thread.join(5)
        server.server_close()
        connection.set_schema_to_public()
        drop_tenant(founded.tenant)
        connection.close()
