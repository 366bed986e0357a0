"""Functions of database servers that a query may not call, however they are written."""

from __future__ import annotations

import pytest

from heliograph.datasources.sources.sqlselect import judged
from heliograph.errors import SourceError

# Each acts in a read-only transaction too, waits, or reaches out of the server.
ACTING = {
    "postgres": (
        "pg_wait_for_backend_termination(1, 1000)", "gin_clean_pending_list('i')", "brin_summarize_new_values('i')",
        "brin_desummarize_range('i', 1)", "pg_truncate_visibility_map('t')", "heap_force_kill('t', null)",
        "utl_file.fopen('/tmp', 'x', 'w')", "dbms_pipe.receive_message('x')", "dbms_alert.waitone('x', 10)",
        "cron.alter_job(1)", "cron.schedule_in_database('a', 'b', 'c', 'd')", "pg_background_launch('x')",
        "oracle_execute('x')", "pg_sleep(1)",
    ),
    "mysql": (
        "spider_direct_sql('a', 'b', 'c')", "spider_bg_direct_sql('a', 'b', 'c')", "gman_do('x', 'y')",
        "memc_get('x')", "http_get('x')", "sleep(1)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("dialect", "call"), [(name, call) for name, calls in ACTING.items() for call in calls])
def test_what_acts_waits_or_reaches_out_is_refused_however_it_is_written(dialect: str, call: str) -> None:
    name = call.partition("(")[0].rpartition(".")[2]
    quote = "`" if dialect == "mysql" else '"'
    spelled = (call, call.upper(), call.replace("(", " (", 1), call.replace("(", "/* x */(", 1))
    for text in (*spelled, call.replace(f"{name}(", f"{quote}{name}{quote}(")):
        with pytest.raises(SourceError):
            judged(f"SELECT {text}", dialect)


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_columns_may_be_called_as_such_functions(dialect: str) -> None:
    assert judged("SELECT schedule, waitone AS system FROM t", dialect)
