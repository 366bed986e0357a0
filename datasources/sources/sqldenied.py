"""Functions of database servers that act on the server, reach out of it, run text as a query, or wait."""

from __future__ import annotations

import re
from typing import Final


def _names(text: str) -> re.Pattern[str]:
    """One of these, in lower case; `*` is any ending."""
    return re.compile("|".join(word.replace("*", r"\w*") for word in text.split()))


POSTGRES_NAMES: Final = _names(
    """
    pg_read_file* pg_read_binary_file* pg_stat_file* pg_ls_* pg_file_* pg_logdir_ls
    pg_current_logfile pg_rotate_logfile*
    pg_hba_file_rules pg_ident_file_mappings pg_show_all_file_settings pg_config
    lo_import* lo_export lo_creat lo_create lo_unlink lo_open lo_close lo_get lo_put lo_from_bytea lo_lseek* lo_tell*
    lo_truncate* loread lowrite
    set_config pg_sleep* pg_advisory_* pg_try_advisory_* pg_notify pg_terminate_backend pg_cancel_backend
    pg_reload_conf pg_promote pg_switch_wal pg_switch_xlog pg_create_* pg_drop_* pg_copy_* pg_sync_replication_slots
    pg_logical_* pg_replication_* pg_wal_replay_* pg_xlog_replay_* pg_backup_* pg_start_backup pg_stop_backup
    pg_export_snapshot pg_import_* pg_stat_reset* pg_stat_force_* pg_stat_statements_reset pg_stat_clear_* pg_log_*
    pg_prewarm autoprewarm* pg_buffercache_evict* pg_extension_config_dump
    pg_nextoid binary_upgrade_* pg_restore_* pg_clear_*
    pg_set_* pg_wal_summary* pg_get_wal_* pg_walinspect* nextval setval currtid*
    dblink* postgres_fdw_* file_fdw_* query_to_xml* table_to_xml* schema_to_xml* database_to_xml* cursor_to_xml*
    ts_stat ts_rewrite
    pg_wait_for_backend_termination pg_truncate_* heap_force_* brin_summarize_* brin_desummarize_*
    gin_clean_pending_list pg_background_* oracle_execute pg_stat_kcache_reset pg_qualstats_reset* pg_repack_*
    crosstab* connectby xpath_table
    """
)
# Of extensions; only as functions: these are names of columns too.
POSTGRES_CALLED: Final = _names(
    "system http http_get http_post http_put http_patch http_delete http_head aws_s3* aws_lambda* schedule* unschedule"
    " alter_job fopen fcopy fremove frename receive_message send_message waitone waitany"
)
MYSQL_NAMES: Final = _names(
    """
    sleep benchmark get_lock release_lock release_all_locks is_free_lock is_used_lock load_file
    master_pos_wait master_gtid_wait source_pos_wait wait_for_executed_gtid_set wait_until_sql_thread_after_gtids
    wsrep_sync_wait_upto_gtid sys_exec sys_eval sys_get sys_set lib_mysqludf* last_insert_id nextval setval lastval
    group_replication_* asynchronous_connection_failover_* keyring_* audit_log_* audit_api_* mysql_firewall_*
    set_firewall_* read_firewall_* firewall_* version_tokens_* service_get_* service_release_* mysql_query_attribute_*
    spider_direct_sql spider_bg_direct_sql spider_copy_tables spider_flush_table_mon_cache spider_ping_table
    gman_* memc_* http_get http_post http_put http_delete
    gen_rnd_* gen_dictionary* mask_* des_encrypt des_decrypt
    """
)
# Table functions that read from elsewhere; only as functions: these are names of columns too.
CLICKHOUSE_CALLED: Final = _names(
    """
    file filecluster url urlcluster s3 s3cluster gcs oss cosn hdfs hdfscluster azureblobstorage* remote
    remotesecure cluster clusterallreplicas mysql postgresql sqlite mongodb redis
    jdbc odbc executable* input deltalake* iceberg* hudi* paimon* ytsaurus arrowflight filesystem python loop
    fuzzquery prometheusquery* reversednsquery catboostevaluate evalmlmethod getserverport addresstoline*
    addresstosymbol ai* embed*
    """
)
# Plain functions, which may be handed to a function of functions by name alone: arrayMap(file, …)
CLICKHOUSE_PASSED: Final = _names("file sleep sleepeachrow reversednsquery catboostevaluate getserverport")
