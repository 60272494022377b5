/** How an option is read. */
type OptionKind =
  | 'flag'
  | 'text'
  | 'count'
  | 'bytes'
  | 'seconds'
  | 'time'
  | 'date'
  | 'shard'
  | 'list'
  | 'rules';

export interface OptionSpec {
  /** Its names, with commas between them. */
  readonly flags: string;
  readonly kind: OptionKind;
  readonly help: string;
  readonly choices?: readonly string[];
  /** The smallest number that it can be; 0 unless it says otherwise. */
  readonly least?: number;
  /** The largest number that it can be, where there is one. */
  readonly most?: number;
}

/** One of `--include` and `--exclude`, or a file of them, in their order. */
export type Rule = { readonly include: string } | { readonly exclude: string } | { readonly from: string };

/** All options of all commands, but those of the commands that are older than the table. */
export const optionTable = {
  // Where, and as who.
  config: {
    flags: '-c,--config',
    kind: 'text',
    help: 'the configuration file; default: s3.yaml in this directory, else the environment and files of AWS',
  },
  bucket: { flags: '-b,--bucket', kind: 'text', help: 'the default bucket' },
  profile: { flags: '--profile', kind: 'text', help: 'a profile of ~/.aws/config and ~/.aws/credentials' },
  region: { flags: '--region', kind: 'text', help: 'the region' },
  'endpoint-url': {
    flags: '--endpoint-url',
    kind: 'text',
    help: 'the service, such as https://s3.example.com',
  },
  'no-sign-request': { flags: '--no-sign-request', kind: 'flag', help: 'without keys, for what is public' },
  'request-payer': {
    flags: '--request-payer',
    kind: 'flag',
    help: 'pay for the requests, where the owner of the bucket does not',
  },
  'source-config': {
    flags: '--source-config',
    kind: 'text',
    help: 'for the source of a copy, another configuration file',
  },
  'source-profile': {
    flags: '--source-profile',
    kind: 'text',
    help: 'for the source of a copy, another profile',
  },
  'source-region': {
    flags: '--source-region',
    kind: 'text',
    help: 'for the source of a copy, another region',
  },
  'source-endpoint-url': {
    flags: '--source-endpoint-url',
    kind: 'text',
    help: 'for the source of a copy, another service',
  },
  'source-no-sign-request': {
    flags: '--source-no-sign-request',
    kind: 'flag',
    help: 'for the source of a copy, no keys',
  },

  // What is shown.
  json: { flags: '--json', kind: 'flag', help: 'one JSON object a line' },
  verbose: {
    flags: '-v,--verbose',
    kind: 'flag',
    help: 'one line for each file; and each request that is tried again',
  },
  quiet: { flags: '-q,--quiet,--only-show-errors', kind: 'flag', help: 'nothing but errors' },
  'no-progress': { flags: '--no-progress', kind: 'flag', help: 'no progress display, also on a terminal' },
  'human-readable': { flags: '-H,--human-readable', kind: 'flag', help: 'sizes for people: 12.1 KiB' },
  summarize: { flags: '--summarize', kind: 'flag', help: 'the number of objects and their size, at the end' },

  // Which ones.
  recursive: { flags: '-r,--recursive', kind: 'flag', help: 'all that is below the folder or prefix' },
  literal: { flags: '--literal', kind: 'flag', help: 'take * and ? in S3 names as they are' },
  rules: { flags: '--include,--exclude,--filter-from', kind: 'rules', help: 'a pattern' },
  newer: {
    flags: '--newer',
    kind: 'time',
    help: 'only what was modified since: a date, or how long ago, such as 7d',
  },
  older: {
    flags: '--older',
    kind: 'time',
    help: 'only what was modified before: a date, or how long ago, such as 7d',
  },
  larger: { flags: '--larger', kind: 'bytes', help: 'only what has at least so many bytes' },
  smaller: { flags: '--smaller', kind: 'bytes', help: 'only what has at most so many bytes' },
  'files-from': {
    flags: '--files-from',
    kind: 'text',
    help: 'only these names below the source, one a line, from a file, or from - (standard input)',
  },
  from0: {
    flags: '--from0',
    kind: 'flag',
    help: 'the names of --files-from end in a NUL, not in a line break',
  },
  'version-id': { flags: '--version-id', kind: 'text', help: 'this version of the object' },
  'all-versions': { flags: '--all-versions', kind: 'flag', help: 'every version, not only the latest' },
  'no-follow-symlinks': { flags: '--no-follow-symlinks', kind: 'flag', help: 'leave out symbolic links' },

  // How.
  'dry-run': { flags: '-n,--dry-run,--dryrun', kind: 'flag', help: 'only tell what would be done' },
  concurrency: {
    flags: '--concurrency',
    kind: 'count',
    help: 'files, or parts of one file, under way at a time',
    least: 1,
  },
  'part-size': { flags: '--part-size', kind: 'bytes', help: 'bytes of each part of a large file, from 5MiB' },
  threads: {
    flags: '--threads',
    kind: 'count',
    help: 'threads beside the first for downloads from 128 MiB on; default: as many as there are further cores, 3 at most',
    most: 256,
  },
  'limit-rate': {
    flags: '--limit-rate',
    kind: 'bytes',
    help: 'bytes a second, of all transfers together, such as 2MiB; from 8KiB',
  },
  shard: {
    flags: '--shard',
    kind: 'shard',
    help: 'of N processes that share the work, each with the same command, this is number I, from 0: I/N',
  },
  resume: {
    flags: '--resume',
    kind: 'flag',
    help: 'remember what was done of a large file or of many, in a small file beside the local one: after a failure, the same command goes on',
  },
  'journal-folder': {
    flags: '--journal-folder',
    kind: 'text',
    help: 'as --resume, and what is remembered is kept in this folder',
  },
  'checksum-algorithm': {
    flags: '--checksum-algorithm',
    kind: 'text',
    help: 'the checksum that S3 checks and keeps',
    choices: ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'md5', 'when-required', 'off'],
  },
  checksum: { flags: '--checksum', kind: 'flag', help: 'compare by content, not by time' },
  'size-only': { flags: '--size-only', kind: 'flag', help: 'compare by size only' },
  'exact-timestamps': {
    flags: '--exact-timestamps',
    kind: 'flag',
    help: 'also replace what is newer: files downwards, and with --preserve objects of files that were put back',
  },
  'no-clobber': {
    flags: '--no-clobber,--no-overwrite',
    kind: 'flag',
    help: 'replace nothing, not even what comes meanwhile',
  },
  'if-match': {
    flags: '--if-match',
    kind: 'text',
    help: 'of one object: replace it only if it has this ETag; S3 itself sees to it',
  },
  delete: {
    flags: '--delete',
    kind: 'flag',
    help: 'delete from the destination what the source does not have',
  },
  'max-delete': {
    flags: '--max-delete',
    kind: 'count',
    help: 'delete nothing where it would be more than so many',
  },
  'allow-empty-source': {
    flags: '--allow-empty-source',
    kind: 'flag',
    help: 'delete also where the source has nothing at all',
  },
  preserve: {
    flags: '--preserve',
    kind: 'flag',
    help: 'keep the time and the permissions of files in their metadata, and give them back',
  },
  folders: { flags: '--folders', kind: 'flag', help: 'empty folders too' },

  // What is written.
  metadata: {
    flags: '--metadata',
    kind: 'list',
    help: 'metadata as NAME=VALUE, or several with commas between them',
  },
  header: { flags: '--header', kind: 'list', help: 'a request header, such as "x-amz-meta-state: new"' },
  tag: { flags: '--tag,--tags', kind: 'list', help: 'a tag, as NAME=VALUE' },
  'content-type': { flags: '--content-type', kind: 'text', help: 'the content type; default: by the name' },
  'no-guess-mime-type': { flags: '--no-guess-mime-type', kind: 'flag', help: 'no content type by the name' },
  'cache-control': { flags: '--cache-control', kind: 'text', help: 'how long the object may be cached' },
  'content-disposition': {
    flags: '--content-disposition',
    kind: 'text',
    help: 'how browsers show the object',
  },
  'content-encoding': {
    flags: '--content-encoding',
    kind: 'text',
    help: 'how the content is encoded, such as gzip',
  },
  'content-language': { flags: '--content-language', kind: 'text', help: 'the language of the content' },
  expires: {
    flags: '--expires',
    kind: 'date',
    help: 'when caches are to forget the object: a date such as 2026-12-01T10:00Z',
  },
  'website-redirect': {
    flags: '--website-redirect',
    kind: 'text',
    help: 'where a website sends whoever asks for the object',
  },
  'storage-class': {
    flags: '--storage-class',
    kind: 'text',
    help: 'STANDARD, STANDARD_IA, GLACIER_IR and so on',
  },
  acl: { flags: '--acl', kind: 'text', help: 'private, public-read, bucket-owner-full-control and so on' },
  grant: {
    flags: '--grant,--grants',
    kind: 'list',
    help: 'a right, as read=id=ID, full=emailaddress=ADDRESS or read=uri=URI; or several',
  },
  sse: {
    flags: '--sse',
    kind: 'text',
    help: 'encryption by S3: AES256 (also without a value), aws:kms or aws:kms:dsse',
  },
  'sse-kms-key-id': { flags: '--sse-kms-key-id', kind: 'text', help: 'the key of KMS' },
  'sse-c-key': {
    flags: '--sse-c-key',
    kind: 'text',
    help: 'a file with the 32 bytes of a key of your own, for encryption by S3 (SSE-C)',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof optionTable;

export const connectionOptions = [
  'config',
  'bucket',
  'profile',
  'region',
  'endpoint-url',
  'no-sign-request',
  'request-payer',
  'checksum-algorithm',
  'part-size',
  'threads',
  'limit-rate',
  'sse-c-key',
] as const;
const sourceOptions = [
  'source-config',
  'source-profile',
  'source-region',
  'source-endpoint-url',
  'source-no-sign-request',
] as const;
export const outputOptions = ['json', 'verbose', 'quiet'] as const;
export const selectionOptions = ['rules', 'newer', 'older', 'larger', 'smaller'] as const;
export const headerOptions = [
  'metadata',
  'header',
  'tag',
  'content-type',
  'no-guess-mime-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'website-redirect',
  'storage-class',
  'acl',
  'grant',
  'sse',
  'sse-kms-key-id',
] as const;
export const transferOptions = [
  'dry-run',
  'concurrency',
  'resume',
  'journal-folder',
  'no-clobber',
  'preserve',
  'folders',
  'no-follow-symlinks',
  'no-progress',
  'recursive',
  'literal',
] as const;
/** Those of every command that sends or compares many files. */
export const manyFilesOptions = [
  ...connectionOptions,
  ...sourceOptions,
  ...outputOptions,
  ...transferOptions,
  ...selectionOptions,
  ...headerOptions,
] as const;
