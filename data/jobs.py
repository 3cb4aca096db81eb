"""任务: what the service does by itself, each day at its hour, on one thread of its own.

Another part adds a `Job` to `JOBS`. A job missed while the service was down runs once when it is up again.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from core.access.permissions import Permission
from core.base import beijing
from core.base.errors import Refused, UserError
from core.platform.job import JobStanding
from data.access.visit import Visit
from data.enterprise import mergers, moves, planned
from data.filing import reminders
from data.messaging import outgoing
from data.platform import backups, integrity
from data.platform.settings import DataSettings
from data.report import reports
from data.store.store import SYSTEM, Actor, Row, Store, Transaction

logger = logging.getLogger(__name__)
_PAUSE: Final = 20.0  # seconds between two looks at the clock
#: How long a failed sign-in is kept.
_FAILURES: Final = timedelta(days=90)
_one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True)
class Job:
    """`at`: when, every day, in Beijing. `run(store)` gives a sentence, or raises."""

    code: str
    name: str
    at: time
    run: Callable[[Store], str]


def _swept(store: Store) -> str:
    """Remove sign-ins that were never finished and failures long past."""
    now = store.clock()
    steps = store.write(lambda t: t.purge("sign_in_steps", "expires_at < $1", [now]))
    failures = store.write(lambda t: t.purge("sign_in_failures", "at_utc < $1", [now - _FAILURES]))
    return f"清理过期的登录步骤 {steps:,} 条、{_FAILURES.days} 天前的登录失败记录 {failures:,} 条。"


def _delivered(store: Store) -> str:
    """Hand over what the outgoing channel did not take before."""
    sent, failed = outgoing.deliver_due(store)
    return f"外发 {sent:,} 条，未成功 {failed:,} 条，明日再试。"


def _came_to_pass(store: Store) -> str:
    """Do what was kept for this day."""
    return planned.take_effect(store, {"move": moves.apply, "merge": mergers.apply})


def _reports_swept(store: Store) -> str:
    """Remove the files of reports whose hour is over."""
    return f"清理过期的导出文件 {reports.sweep(store):,} 个。"


def _anchored(store: Store) -> str:
    return integrity.anchor(store, DataSettings().model_copy(update={"data_folder": store.folder}))


JOBS: Final[list[Job]] = [
    Job("backup", "备份并校验恢复", time(2, 30), backups.nightly),
    Job("anchor", "日志首部记入锚文件", time(2, 50), _anchored),
    Job("remind", "到期催报与逾期上报", time(8, 30), reminders.remind_due),
    Job("deliver", "重试外发", time(9, 0), _delivered),
    Job("sweep", "清理过期的登录记录", time(3, 10), _swept),
    Job("changes", "待生效的区属调整、企业合并", time(0, 5), _came_to_pass),
    Job("reports", "清理过期的导出文件", time(3, 20), _reports_swept),
]


# --- when ----------------------------------------------------------------------------------------------


def last_due(job: Job, now: datetime) -> datetime:
    """The newest moment (naive UTC) at or before `now` at which the job should have run."""
    local = beijing.local(now)
    today = datetime.combine(local.date(), job.at)
    return beijing.utc(today if today <= local else today - timedelta(days=1))


def _late(job: Job, row: Row, now: datetime) -> bool:
    before: datetime = row["started_at"] or row["known_since"]
    return last_due(job, now) > before


def _rows(store: Store) -> dict[str, Row]:
    return {row["code"]: row for row in store.rows("SELECT * FROM job_runs")}


# --- running -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def running(store: Store) -> Iterator[None]:
    """Run the jobs at their hours as long as the context lasts; one that runs is waited for."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep, args=(store, stop), name="jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def _keep(store: Store, stop: threading.Event) -> None:
    while True:
        try:
            run_late(store, stop)
        except Exception:
            logger.exception("the jobs could not be looked at")
        if stop.wait(_PAUSE):
            return


def run_late(store: Store, stop: threading.Event | None = None) -> list[str]:
    """Run every job whose hour has come since it last ran, once each; their codes."""
    rows = _rows(store)
    ran = []
    for job in JOBS:
        if stop is not None and stop.is_set():
            break
        if job.code not in rows:
            _put(store, job, known_since=store.clock())
        elif _late(job, rows[job.code], store.clock()):
            with contextlib.suppress(UserError):  # another one is being run by hand: next time
                _run(store, job, SYSTEM)
            ran.append(job.code)
    return ran


def _put(store: Store, job: Job, **changed: Any) -> None:
    def put(transaction: Transaction) -> None:
        fresh = {
            "code": job.code,
            "known_since": transaction.now,
            "started_at": None,
            "finished_at": None,
            "ok": None,
            "result": "",
        }
        transaction.put("job_runs", {**(transaction.get("job_runs", job.code) or fresh), **changed})

    store.write(put)


def _run(store: Store, job: Job, actor: Actor) -> tuple[bool, str]:
    """Run a job now and keep how it went; a failure is logged and noted, never raised."""
    if not _one_at_a_time.acquire(timeout=1):
        raise Refused("有任务正在运行，请稍候再试。")
    try:
        _put(store, job, started_at=store.clock(), finished_at=None, ok=None, result="")
        try:
            ok, result = True, job.run(store)
        except Exception as error:
            logger.exception("job %s failed", job.code)
            ok, result = (
                False,
                str(error) if isinstance(error, UserError) else f"运行出错（{type(error).__name__}），详见服务日志。",
            )
            body = {"sentence": f"任务“{job.name}”失败：{result}", "kind": type(error).__name__}
            store.write(lambda t: t.append(actor, "job.failed", f"job:{job.code}", body))
        _put(store, job, finished_at=store.clock(), ok=ok, result=result)
    finally:
        _one_at_a_time.release()
    return ok, result


# --- for the administrator ------------------------------------------------------------------------------------------


def listing(visit: Visit) -> list[JobStanding]:
    """Every job and how it last went."""
    visit.check(Permission.JOB_MANAGE)
    rows, now = _rows(visit.store), visit.store.clock()
    found = []
    for job in JOBS:
        row = rows.get(job.code) or {
            "known_since": now,
            "started_at": None,
            "finished_at": None,
            "ok": None,
            "result": "",
        }
        due = None if _late(job, row, now) else last_due(job, now) + timedelta(days=1)
        last = {name: row[name] for name in ("started_at", "finished_at", "ok", "result")}
        found.append(JobStanding(job.code, job.name, job.at, **last, next_at=due))
    return found


def run(visit: Visit, code: str) -> tuple[bool, str]:
    """Run a job now: whether it went well, and its sentence. Raises Refused while another one runs."""
    visit.check(Permission.JOB_MANAGE)
    job = next((job for job in JOBS if job.code == code), None)
    if job is None:
        raise Refused("没有这个任务。请刷新页面。")
    return _run(visit.store, job, visit.actor)
