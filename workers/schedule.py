"""The whole timetable. A second scheduler would double the jobs, so each must be harmless to repeat."""

from rq.cron import register

from workers import jobs

# result_ttl=0: what such a job returns is of no interest, and every result would be kept in Redis.
register(jobs.relay, "high", interval=3, result_ttl=0, failure_ttl=86_400, ttl=30)
register(jobs.send_waiting, "default", interval=15, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=60)
register(jobs.sweep, "default", interval=20, result_ttl=0, failure_ttl=86_400, ttl=60)
register(jobs.tell_low_stock, "low", interval=300, result_ttl=0, failure_ttl=86_400, ttl=300)
register(jobs.gather_mails, "low", cron="*/10 * * * *", result_ttl=0, failure_ttl=86_400, ttl=600)
register(jobs.refresh_prices, "low", interval=5, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=30)
register(jobs.refresh_reports, "low", interval=30, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=60)
register(jobs.issue_invoices, "default", interval=60, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=60)
register(jobs.take_back_advances, "low", interval=300, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=300)
register(jobs.repeat_exports, "low", cron="*/10 * * * *", result_ttl=0, failure_ttl=86_400, ttl=600)
register(jobs.make_exports, "low", interval=10, job_timeout=1_200, result_ttl=0, failure_ttl=86_400, ttl=30)
register(jobs.work_imports, "low", interval=5, job_timeout=1_200, result_ttl=0, failure_ttl=86_400, ttl=30)
register(jobs.render_documents, "low", interval=10, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=30)
register(jobs.fetch_imports, "low", interval=60, job_timeout=1_200, result_ttl=0, failure_ttl=86_400, ttl=60)
register(jobs.send_invoices, "low", interval=60, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=60)
register(jobs.ask_anaf, "low", interval=60, job_timeout=300, result_ttl=0, failure_ttl=86_400, ttl=60)
register(jobs.remind, "low", cron="*/20 * * * *", job_timeout=600, result_ttl=0, failure_ttl=86_400, ttl=600)
register(jobs.tidy, "low", cron="7 * * * *", result_ttl=0, failure_ttl=86_400)
