import { dnsName, kmsKeyId, websiteDnsName } from './settings.mjs';

/** @import { Settings } from './settings.mjs' */

const gibibyte = 1024 ** 3;
// memstore takes memory as objects come; this is where it says that it is full.
const memoryCeiling = 20 * gibibyte;
// Ceph wants 32 bytes.
const kmsKey = Buffer.from('s3kit-kms-testing-key-0123456789').toString('base64');

const quiet = ['ms', 'mon', 'paxos', 'auth', 'osd', 'rgw', 'objecter'].map((name) => [
  `debug_${name}`,
  '0/0',
]);

/**
 * The text of `ceph.conf`: one monitor, one object store in memory, one gateway, all on 127.0.0.1.
 *
 * @param {Settings} settings
 * @param {string} clusterId a UUID
 * @returns {string}
 * @see {@link https://docs.ceph.com/en/pacific/radosgw/config-ref/}
 */
export function cephConfig({ file, port, tlsPort, monitorPort, lifecycleDaySeconds }, clusterId) {
  /** @type {Record<string, (readonly [name: string, value: string | number] | string[])[]>} */
  const sections = {
    global: [
      ['fsid', clusterId],
      ['mon_host', `[v2:127.0.0.1:${monitorPort}/0]`],
      ['public_addr', '127.0.0.1'],
      ['cluster_addr', '127.0.0.1'],
      // Nobody but this machine gets here, so no keys between the daemons.
      ['auth_cluster_required', 'none'],
      ['auth_service_required', 'none'],
      ['auth_client_required', 'none'],
      ['ms_mon_client_mode', 'crc'],
      ['run_dir', file('run')],
      ['admin_socket', file('run', '$name.asok')],
      ['log_file', file('log', '$type.log')],
      ['crash_dir', file('crash')],
      ['log_to_syslog', 'false'],
      ['err_to_syslog', 'false'],
      // One copy, one placement group per pool: the quickest cluster to make.
      ['osd_pool_default_size', 1],
      ['osd_pool_default_min_size', 1],
      ['osd_pool_default_pg_num', 1],
      ['osd_pool_default_pgp_num', 1],
      ['osd_pool_default_pg_autoscale_mode', 'off'],
      ['osd_crush_chooseleaf_type', 0],
      ['mon_allow_pool_size_one', 'true'],
      ['mon_warn_on_pool_no_redundancy', 'false'],
      ['mon_max_pg_per_osd', 2000],
      ...quiet,
    ],
    mon: [
      ['mon_data', file('mon')],
      ['mon_cluster_log_file', file('log', 'cluster.log')],
      ['mon_cluster_log_to_stderr', 'false'],
      ['mon_cluster_log_file_level', 'warn'],
      // The monitor stops when its disk is nearly full, whatever else fills it.
      ['mon_data_avail_crit', 1],
      ['mon_data_avail_warn', 2],
      // Each step of making the cluster waits for these.
      ['paxos_propose_interval', 0.05],
      ['paxos_min_wait', 0.01],
      ['auth_allow_insecure_global_id_reclaim', 'false'],
    ],
    osd: [
      ['osd_data', file('osd')],
      ['osd_objectstore', 'memstore'],
      ['memstore_device_bytes', memoryCeiling],
      ['osd_class_load_list', '*'],
      ['osd_class_default_list', '*'],
      ['osd_fast_shutdown', 'true'],
    ],
    'client.rgw': [
      ['admin_socket', file('run', 'rgw.asok')],
      ['log_file', file('log', 'rgw.log')],
      ['rgw_data', file('rgw')],
      [
        'rgw_frontends',
        `beast tcp_nodelay=1 endpoint=127.0.0.1:${port} ssl_endpoint=127.0.0.1:${tlsPort} ` +
          `ssl_certificate=${file('tls.crt')} ssl_private_key=${file('tls.key')}`,
      ],
      ['rgw_dns_name', dnsName],
      ['rgw_dns_s3website_name', websiteDnsName],
      ['rgw_enable_static_website', 'true'],
      ['rgw_resolve_cname', 'false'],
    ],
    client: [
      // The tools share this section, and must not fight over one socket and log.
      ['admin_socket', ''],
      ['log_file', ''],
      ['rgw_rados_pool_pg_num_min', 1],
      ['rgw_rados_pool_autoscale_bias', 1],
      ['rgw_thread_pool_size', 64],
      ['rgw_enable_usage_log', 'false'],
      ['rgw_enable_ops_log', 'false'],
      ['rgw_gc_obj_min_wait', 60],
      ['rgw_gc_processor_period', 60],
      ['rgw_run_sync_thread', 'false'],
      ['rgw_dynamic_resharding', 'false'],
      ['rgw_override_bucket_index_max_shards', 1],
      ['rgw_crypt_require_ssl', 'false'],
      ['rgw_crypt_s3_kms_backend', 'testing'],
      ['rgw_crypt_s3_kms_encryption_keys', `${kmsKeyId}=${kmsKey}`],
      ['rgw_s3_auth_use_sts', 'true'],
      ['rgw_s3_auth_order', 'local, sts'],
      // 16 bytes, for the session tokens.
      ['rgw_sts_key', 's3kit-sts-key-16'],
      ...(lifecycleDaySeconds === undefined ? [] : [['rgw_lc_debug_interval', String(lifecycleDaySeconds)]]),
    ],
  };
  return Object.entries(sections)
    .map(([name, entries]) =>
      [`[${name}]`, ...entries.map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
    )
    .join('\n');
}
