"""What runs when: the upkeep that no event starts."""

import logging
from datetime import timedelta

from django.core.management import call_command
from procrastinate import App, JobContext

from permanence.database.notices import forget_old
from permanence.kernel.clock import now

KEPT_HOURS, FAILED_KEPT_HOURS = 72, 24 * 30
log = logging.getLogger("permanence.schedule")


def install(app: App) -> None:
    """Called by procrastinate once its application exists."""
    app.periodic(cron="*/10 * * * *")(app.task(name="upkeep.notices", queueing_lock="notices")(forget_notices))
    app.periodic(cron="17 3 * * *")(app.task(name="upkeep.sessions", queueing_lock="sessions")(forget_sessions))
    stalled = app.task(name="upkeep.stalled", queueing_lock="stalled", pass_context=True)(retry_stalled)
    app.periodic(cron="* * * * *")(stalled)
    jobs = app.task(name="upkeep.jobs", queueing_lock="jobs", pass_context=True)(forget_jobs)
    app.periodic(cron="41 3 * * *")(jobs)


def forget_notices(timestamp: int) -> None:  # noqa: ARG001 - given to every periodic task
    """Notices that no page can still ask for."""
    forget_old()


def forget_sessions(timestamp: int) -> None:  # noqa: ARG001
    """Sessions that have expired."""
    call_command("clearsessions")


async def retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Jobs whose worker died: they are safe to run twice, and start again."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=60):
        log.info("job %s of %s stalled, starts again", job.id, job.task_name)
        await jobs.retry_job(job, retry_at=now() + timedelta(seconds=1))


async def forget_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Jobs that are done; failed ones are kept for a month, for whoever looks into them."""
    jobs = context.app.job_manager
    await jobs.delete_old_jobs(nb_hours=KEPT_HOURS)
    await jobs.delete_old_jobs(
        nb_hours=FAILED_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
