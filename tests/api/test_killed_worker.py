"""A worker killed in the middle of a job: another goes on, nothing is lost and nothing done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from kontor.jobs.models import Job, JobResult
from tenants.provisioning import in_tenant

_ITEMS = 60
_WORKER = """
import time
import django
django.setup()
from kontor.documents import gate
from kontor.jobs import api
from kontor.jobs.tasks import run_job
import kontor.api.bulk
real = gate.create_many
def slow(*args, **kwargs):
    made = real(*args, **kwargs)
    time.sleep(0.4)
    return made
gate.create_many = slow
api._kinds["bulk"] = api.Kind(api._kinds["bulk"].run, 10)
run_job(tenant="killed", job=%r)
"""


@pytest.fixture
def committed(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Any]:
    """A company of its own with a committed job of sixty customers."""
    from kontor.jobs import api as jobs
    from tenants.company import found_company
    from tenants.provisioning import drop_tenant
    from tests.conftest import context_of

    with django_db_blocker.unblock():
        tenant = found_company("killed", title="Killed", country="us").tenant
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(jobs, "_send", lambda *a: None)
                with in_tenant("killed"):
                    items = [{"method": "create", "data": {"name": f"C {i}"}} for i in range(_ITEMS)]
                    pk = jobs.start(context_of("admin"), "bulk", items, {"resource": "parties.customer"})
            yield pk
        finally:
            connection.set_schema_to_public()
            drop_tenant(tenant)
            connection.close()


@pytest.mark.requirement("K28")
@pytest.mark.slow("a real worker process is killed")
def test_another_worker_goes_on(committed: Any) -> None:
    from kontor.documents.models import ExternalRef
    from kontor.jobs.tasks import run_job
    from suite.parties.models import Customer

    base = connection.settings_dict
    url = f"postgresql://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{base['NAME']}"
    env = {**os.environ, "DATABASE_URL": url, "KONTOR_POOL": "2"}
    worker = subprocess.Popen([sys.executable, "-c", _WORKER % str(committed)], env=env)
    try:
        deadline = time.monotonic() + 60
        done = 0
        while done < 20 and time.monotonic() < deadline:
            time.sleep(0.1)
            assert worker.poll() is None, "the worker ended by itself"
            with in_tenant("killed"):
                done = Job.objects.get(pk=committed).done
        time.sleep(0.2)  # into the next chunk
        worker.send_signal(signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()
    with in_tenant("killed"):
        job = Job.objects.get(pk=committed)
        assert 20 <= job.done < _ITEMS and job.state == "running"
        assert Customer.objects.count() == job.done
    run_job(tenant="killed", job=str(committed))
    with in_tenant("killed"):
        job = Job.objects.get(pk=committed)
        assert (job.state, job.done, job.failed) == ("done", _ITEMS, 0)
        assert Customer.objects.count() == _ITEMS
        results = [r for row in JobResult.objects.filter(job=job).order_by("position") for r in row.results]
        assert len({r["body"]["id"] for r in results}) == _ITEMS
        assert not ExternalRef.objects.exists()
