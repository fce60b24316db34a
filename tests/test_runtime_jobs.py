"""The worker of a running installation: what was deferred runs, what died runs again, what is old goes."""

import pytest
from django.db import connections, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from permanence.database.models import Notice
from permanence.database.notices import KEPT
from permanence.kernel.clock import now
from tests.test_runtime import wait

pytestmark = pytest.mark.processes


def defer(task):
    return app.configure_task(task).defer(timestamp=0)


def wait_until_done(job):
    wait(lambda: ProcrastinateJob.objects.get(pk=job).status == "succeeded", sentence=f"job {job} never ran")


def test_a_job_deferred_in_a_transaction_runs_after_it(rows):
    with rows():
        old = Notice.objects.create(channel="bureau", kind="team", at=now() - 2 * KEPT, position=-1)
        fresh = Notice.objects.create(channel="bureau", kind="team", at=now())
        with transaction.atomic():
            job = defer("upkeep.notices")
        wait_until_done(job)
        assert not Notice.objects.filter(pk=old.pk).exists()
        assert Notice.objects.filter(pk=fresh.pk).exists()


def test_a_job_whose_act_is_undone_never_was(rows):
    with rows():
        with transaction.atomic():
            job = defer("upkeep.notices")
            transaction.set_rollback(True)
        assert not ProcrastinateJob.objects.filter(pk=job).exists()


def test_a_job_that_its_worker_left_behind_runs_again(rows):
    with rows():
        job = left_behind("upkeep.sessions")
        wait_until_done(defer("upkeep.stalled"))
        wait_until_done(job)


def test_finished_jobs_are_forgotten_after_three_days(rows):
    with rows():
        job = defer("upkeep.sessions")
        wait_until_done(job)
        with connections["owner"].cursor() as cursor:
            cursor.execute("update procrastinate_events set at = at - interval '4 days' where job_id = %s", [job])
        wait_until_done(defer("upkeep.jobs"))
        assert not ProcrastinateJob.objects.filter(pk=job).exists()


def left_behind(task):
    """A job as a killed worker leaves it: being done, by nobody."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, args, attempts)"
            " values ('default', %s, 'doing', '{\"timestamp\": 0}', 1) returning id",
            [task],
        )
        return cursor.fetchone()[0]
