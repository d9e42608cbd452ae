"""Who takes part, each in its best honest set-up."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import Contender

MAIL_BACKEND = "benchmarks.work.mail_backend.ChatBackend"
BACKENDS = {"BACKENDS": {"default": MAIL_BACKEND}}
#: post_office at its best, by what we know of it: one thread for a server that answers at once, as
#: threads wait for the interpreter; many for one that takes its time; large batches; no log rows.
FAST = {"BATCH_SIZE": 5_000, "LOG_LEVEL": 0}

OURS = Contender("djhipchat2", "benchmarks.work.outbox:drain")
REQUESTS = Contender("requests.Session", "benchmarks.work.clients:with_requests", apps=())
REQUESTS_TUNED = Contender(
    "requests, trust_env off",
    "benchmarks.work.clients:with_requests",
    {"trust_env": False},
    apps=(),
)
URLLIB3 = Contender("urllib3", "benchmarks.work.clients:with_urllib3", apps=(), package="urllib3")
APPRISE = Contender("Apprise", "benchmarks.work.clients:with_apprise", apps=(), package="apprise")
MAILER = Contender(
    "django-mailer",
    "benchmarks.work.mail_outboxes:mailer_drain",
    apps=("mailer",),
    settings={"MAILER_EMAIL_BACKEND": MAIL_BACKEND, "BENCH_TRUST_ENV": False},
    package="mailer",
)
SLACK = Contender(
    "django-slack",
    "benchmarks.work.clients:with_django_slack",
    apps=("django_slack",),
    settings={"SLACK_BACKEND": "django_slack.backends.RequestsBackend"},
    package="django_slack",
)


def post_office(name: str, work: str = "post_office_drain", **settings: Any) -> Contender:
    """Return post_office with settings of its own."""
    return Contender(
        name,
        f"benchmarks.work.mail_outboxes:{work}",
        apps=("post_office",),
        settings={"POST_OFFICE": {**BACKENDS, **settings}, "BENCH_TRUST_ENV": not settings},
        package="post_office",
    )


POST_OFFICE = post_office("post_office, defaults")
POST_OFFICE_INSTANT = post_office("post_office, best", THREADS_PER_PROCESS=1, **FAST)
POST_OFFICE_SLOW = post_office("post_office, 64 threads", THREADS_PER_PROCESS=64, **FAST)
