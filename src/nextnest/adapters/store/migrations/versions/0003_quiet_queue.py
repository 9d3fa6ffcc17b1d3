"""The queue's triggers do less: they were most of what a job cost the database.

Switched off or narrowed, not dropped: a later release of the queue finds them under their names.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

# A second record of every job, that nothing reads: finished jobs are deleted, and these rows with them.
HISTORY = (
    "procrastinate_trigger_status_events_insert_v1",
    "procrastinate_trigger_status_events_update_v1",
    "procrastinate_trigger_scheduled_events_v1",
    "procrastinate_trigger_abort_requested_events_v1",
)

# A job that is due later is found by looking. Telling every worker of it at once makes each of them ask in
# vain, and commits that tell something wait for each other.
TOLD_WHEN_DUE = """
CREATE OR REPLACE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
  AFTER INSERT ON procrastinate_jobs FOR EACH ROW
  WHEN (new.status = 'todo' AND (new.scheduled_at IS NULL OR new.scheduled_at <= now()))
  EXECUTE FUNCTION procrastinate_notify_queue_job_inserted_v1()
"""
TOLD_ALWAYS = """
CREATE OR REPLACE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
  AFTER INSERT ON procrastinate_jobs FOR EACH ROW WHEN (new.status = 'todo')
  EXECUTE FUNCTION procrastinate_notify_queue_job_inserted_v1()
"""


def upgrade() -> None:
    _history("DISABLE")
    op.get_bind().exec_driver_sql(TOLD_WHEN_DUE)


def downgrade() -> None:
    _history("ENABLE")
    op.get_bind().exec_driver_sql(TOLD_ALWAYS)


def _history(switch: str) -> None:
    for trigger in HISTORY:
        op.get_bind().exec_driver_sql(f"ALTER TABLE procrastinate_jobs {switch} TRIGGER {trigger}")
