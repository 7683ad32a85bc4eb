"""The job queue: delivery at least once, JSON only, a schedule in the code.

What must not be lost is an outbox row in PostgreSQL; the broker only makes it quick. The clock wakes
one sweeper, which visits the tenants and hands on what the broker forgot.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kontor.settings")

LONGEST_TASK = 3600
SWEEP_SECONDS = 5

app = Celery("kontor")
app.conf.update(
    broker_url=os.environ.get("BROKER_URL") or "memory://",
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": LONGEST_TASK + 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
    }
    if os.environ.get("BROKER_URL", "").startswith(("redis", "valkey"))
    else {},
    task_ignore_result=True,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=LONGEST_TASK,
    task_soft_time_limit=LONGEST_TASK - 60,
    task_default_queue="kontor",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    timezone="UTC",
    enable_utc=True,
    beat_schedule={
        "sweep": {
            "task": "kontor.history.tasks.sweep_all",
            "schedule": SWEEP_SECONDS,
            "options": {"expires": 4 * SWEEP_SECONDS},  # a queue that waited needs one sweep, not all it missed
        }
    },
)
app.autodiscover_tasks()


def _tell_ready(**_: Any) -> None:
    """Whoever started this process learns by a file that it works."""
    if path := os.environ.get("KONTOR_READY_FILE"):
        Path(path).touch()


signals.worker_ready.connect(_tell_ready)
signals.beat_init.connect(_tell_ready)
