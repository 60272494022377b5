import { type ChecksumAlgorithm, isChecksumAlgorithm } from '@s3kit/checksums';
import { encodeKey, encodeQuery } from '@s3kit/sigv4';
import { parseXml, type XmlValue } from '@s3kit/xml/light';
import { asksForChecksum } from './checksum-settings.ts';
import type { Connection, S3Answer } from './connection.ts';
import { getContentMd5 } from './content-md5.ts';
import { toDocument } from './documents.ts';
import { childOf, elementsIn, textIn } from './elements.ts';
import { errorCode } from './errors.ts';
import { isMetadataHeader, metadataOf, pickHeaders, type RequestHeaders } from './headers.ts';
import { bytesBody, type HeaderRecord, type HttpResponse } from './http.ts';
import { type MultipartOutcome, type TransferPart, transferInParts } from './multipart.ts';
import { copiedPart } from './multipart-documents.ts';
import { withDocument } from './no-s3.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { planParts } from './part-plan.ts';
import type { ProgressMeter } from './progress.ts';
import type { ObjectName } from './s3-name.ts';
import { s3Uri } from './s3-uri.ts';
import { getSubresource } from './subresource.ts';

/** What is copied: an object, or one of its versions. */
interface CopySource extends ObjectName {
  /** @default the latest */
  readonly versionId?: string | undefined;
}

/** A copy of an object within a service. */
export interface CopyDescription {
  readonly source: CopySource;
  readonly destination: ObjectName;
  readonly headers: RequestHeaders;
  /** Of a copy in parts. @default the connection's */
  readonly concurrency?: number | undefined;
  /** Is told of a copy in parts. */
  readonly meter?: ProgressMeter | undefined;
  /**
   * `copy`: what CopyObject carries over, unless the headers say otherwise. `update`: everything but the metadata, for a
   * copy of an object onto itself that replaces that.
   */
  readonly intent: 'copy' | 'update';
}

// What belongs to the content. A copy that replaces any of it, or the metadata, replaces all of it.
const contentHeaders = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

// How an object is kept. What a copy onto itself, and one in parts, would otherwise reset to the bucket's defaults.
const keepingHeaders = [
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
];

// What a copy onto itself would otherwise drop.
const settingHeaders = [
  ...keepingHeaders,
  'x-amz-website-redirect-location',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
];

const customerKeyOfSource = 'x-amz-copy-source-server-side-encryption-customer-';
const customerKey = 'x-amz-server-side-encryption-customer-';
const conditionOfSource = 'x-amz-copy-source-if-';
const requestPayer = 'x-amz-request-payer';
const matchOfSource = `${conditionOfSource}match`;
const sourceOwner = 'x-amz-source-expected-bucket-owner';

/**
 * Copies an object within the service: in one request up to 5 GiB, in parts beyond.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html}
 */
export async function copyObject(
  connection: Connection,
  description: CopyDescription,
  signal: AbortSignal | undefined,
): Promise<MultipartOutcome> {
  const headers = normalizeHeaders(description.headers);
  // Without it, S3 overlooks the tags that it is given, and keeps the source's.
  const given =
    headers['x-amz-tagging'] === undefined ? headers : { 'x-amz-tagging-directive': 'REPLACE', ...headers };
  const { source, intent } = description;
  const replaces =
    intent === 'update' ||
    Object.keys(given).some((name) => isMetadataHeader(name) || contentHeaders.includes(name));
  if (!replaces) {
    const answer = await copyWhole(connection, description, given, signal);
    // S3 refuses a source of more than 5 GiB with a code that it also gives for other reasons.
    if (answer.error === undefined || answer.response.status !== 400) return { answer };
    const head = await headSource(connection, source, given, signal);
    if (head.response.status === 412) return { answer: head };
    if (head.error !== undefined || sizeOf(head) <= connection.limits.maximumCopySize) return { answer };
    return copyInParts(connection, description, carriedOver(head, given, intent), head, signal);
  }

  const head = await headSource(connection, source, given, signal);
  if (head.error !== undefined) return { answer: head };
  const grants = intent === 'update' ? await grantsOf(connection, source, given, signal) : {};
  const carried = { ...grants, ...carriedOver(head, given, intent) };
  if (sizeOf(head) > connection.limits.maximumCopySize) {
    return copyInParts(connection, description, carried, head, signal);
  }
  const tags = await tagsToKeep(connection, source, given, head, signal);
  const pinned = {
    [matchOfSource]: head.response.headers['etag'],
    ...carried,
    'x-amz-metadata-directive': 'REPLACE',
  };
  const answer = await copyWhole(connection, description, pinned, signal);
  if (answer.error !== undefined || tags.length === 0) return { answer };
  return { answer: await restoreTags(connection, description.destination, tags, answer, signal) };
}

/** The headers of the new object: those of the source, under those that the caller gave. */
function carriedOver(source: S3Answer, given: HeaderRecord, intent: CopyDescription['intent']): HeaderRecord {
  const { headers } = source.response;
  const keepsMetadata = intent === 'copy' && !Object.keys(given).some(isMetadataHeader);
  return {
    ...pickHeaders(headers, contentHeaders),
    ...(intent === 'update' ? pickHeaders(headers, settingHeaders) : {}),
    ...(keepsMetadata ? metadataOf(headers) : {}),
    ...given,
  };
}

async function copyWhole(
  connection: Connection,
  { source, destination }: CopyDescription,
  headers: RequestHeaders,
  signal: AbortSignal | undefined,
): Promise<S3Answer> {
  const answer = await connection.send({
    ...destination,
    method: 'PUT',
    headers: { ...headers, 'x-amz-copy-source': copySource(source) },
    errorInside200: true,
    signal,
  });
  return withDocument(answer, 'CopyObjectResult');
}

async function copyInParts(
  connection: Connection,
  { source, destination, concurrency, meter }: CopyDescription,
  headers: RequestHeaders,
  head: S3Answer,
  signal: AbortSignal | undefined,
): Promise<MultipartOutcome> {
  const tags = await tagsToKeep(connection, source, normalizeHeaders(headers), head, signal);
  const all = normalizeHeaders({
    ...keptOf(head, normalizeHeaders(headers)),
    ...(tags.length === 0 ? {} : { 'x-amz-tagging': encodeQuery(tags) }),
    ...headers,
  });
  const ofSource = Object.keys(all).filter(
    (name) => name.startsWith('x-amz-copy-source') || name === sourceOwner,
  );
  const onlyForCopy = new Set([...ofSource, 'x-amz-metadata-directive', 'x-amz-tagging-directive']);
  const size = sizeOf(head);
  const { copyPartSize, maximumPartNumber } = connection.limits;
  function* copiedParts(): Generator<TransferPart> {
    const partSize = Math.max(copyPartSize, Math.ceil(size / maximumPartNumber));
    for (const { partNumber, offset, length } of planParts(size, partSize)) {
      const headers = {
        [matchOfSource]: head.response.headers['etag'],
        ...pickHeaders(all, ofSource),
        'x-amz-copy-source': copySource(source),
        'x-amz-copy-source-range': `bytes=${offset}-${offset + length - 1}`,
      };
      const call = async (): ReturnType<TransferPart['call']> => ({ headers, errorInside200: true });
      yield { partNumber, size: length, held: 0, call };
    }
  }
  const checksum = storedAlgorithm(head);
  if (meter !== undefined) meter.total = size;

  return transferInParts(
    connection,
    {
      ...destination,
      headers: Object.fromEntries(Object.entries(all).filter(([name]) => !onlyForCopy.has(name))),
      parts: copiedParts(),
      concurrency: concurrency ?? connection.partConcurrency,
      meter,
      partResult: (answer) => copiedPart(answer, checksum),
      checksum,
    },
    signal,
  );
}

/**
 * How the source is kept, where the caller does not say how the copy is to be: by its storage class, and by S3's own keys or KMS.
 * (A customer's key is one that the caller has to give.)
 */
function keptOf({ response }: S3Answer, given: HeaderRecord): HeaderRecord {
  const encrypts = Object.keys(given).some((name) => name.startsWith('x-amz-server-side-encryption'));
  return pickHeaders(
    response.headers,
    keepingHeaders.filter((name) => !(encrypts && name.startsWith('x-amz-server-side-encryption'))),
  );
}

/** The algorithm of the checksum that S3 keeps of an object. */
function storedAlgorithm({ response }: S3Answer): ChecksumAlgorithm | undefined {
  return Object.keys(response.headers)
    .filter((name) => name.startsWith('x-amz-checksum-'))
    .map((name) => name.slice('x-amz-checksum-'.length))
    .find(isChecksumAlgorithm);
}

/**
 * The value of `x-amz-copy-source`.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html} for the form that access points have
 */
export function copySource({ bucket, key, versionId }: CopySource): string {
  const version = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`;
  if (bucket.startsWith('arn:')) return encodeKey(`${bucket}/object/${key}`) + version;
  return `${bucket}/${encodeKey(key)}${version}`;
}

async function headSource(
  connection: Connection,
  source: CopySource,
  given: HeaderRecord,
  signal: AbortSignal | undefined,
): Promise<S3Answer> {
  const mode = asksForChecksum(connection.checksum) ? { 'x-amz-checksum-mode': 'ENABLED' } : {};
  const headers = { ...readingHeaders(given), ...mode };
  const head = await connection.send({
    ...source,
    method: 'HEAD',
    query: { versionId: source.versionId },
    headers,
    signal,
  });
  return head.response.status === 304 ? preconditionFailed(head) : head;
}

/** What CopyObject answers where a HEAD says that nothing was modified. */
function preconditionFailed({ response, error, ...answer }: S3Answer): S3Answer {
  const statusText = 'Precondition Failed';
  return {
    ...answer,
    response: { ...response, status: 412, statusText },
    error: error && { ...error, code: 'PreconditionFailed', message: statusText },
  };
}

/**
 * What the source must be read with: its customer key, who owns its bucket, and who pays; and on which conditions. S3 takes no
 * notice of some of these beside the ETag to which the copy itself is pinned.
 */
function readingHeaders(given: HeaderRecord): HeaderRecord {
  const ofSource = Object.entries(given).flatMap(([name, value]) => {
    if (name.startsWith(customerKeyOfSource))
      return [[name.replace(customerKeyOfSource, customerKey), value]];
    return name.startsWith(conditionOfSource) ? [[name.replace(conditionOfSource, 'if-'), value]] : [];
  });
  return {
    ...pickHeaders(given, [requestPayer]),
    ...ownerOfSource(given),
    ...Object.fromEntries(ofSource),
  };
}

function ownerOfSource(given: HeaderRecord): HeaderRecord {
  const owner = given[sourceOwner];
  return owner === undefined ? {} : { 'x-amz-expected-bucket-owner': owner };
}

function sizeOf({ response }: S3Answer): number {
  return Number(response.headers['content-length'] ?? 0);
}

/**
 * Who may not read it, and a service that does not have it, have nothing to keep. Any other failure could lose what is there.
 *
 * @throws {Error} the service is in trouble
 */
function nothingToKeep<T>(
  { status }: HttpResponse,
  what: string,
  { bucket, key }: ObjectName,
  nothing: T,
): T {
  if ([400, 403, 404, 405, 501].includes(status)) return nothing;
  throw new Error(
    `the ${what} of ${s3Uri(bucket, key)} cannot be read now (HTTP ${status}), and would be lost`,
  );
}

type Tags = readonly (readonly [name: string, value: string])[];

/**
 * The source's tags, where the caller leaves them as they are.
 *
 * A HEAD tells how many there are to those who may read them; for all others, S3 has to carry them over unseen.
 */
async function tagsToKeep(
  connection: Connection,
  source: CopySource,
  given: HeaderRecord,
  head: S3Answer,
  signal: AbortSignal | undefined,
): Promise<Tags> {
  if (given['x-amz-tagging'] !== undefined || given['x-amz-tagging-directive'] === 'REPLACE') return [];
  if (tagCount(head) === 0) return [];
  const headers = { ...pickHeaders(given, [requestPayer]), ...ownerOfSource(given) };
  const { response, error } = await getSubresource(connection, {
    ...source,
    query: { tagging: '', versionId: source.versionId },
    headers,
    errorInside200: true,
    signal,
  });
  if (error !== undefined) return nothingToKeep(response, 'tags', source, []);
  const document = parseXml(response.body, { attributes: 'drop-default-namespace', lists: ['TagSet/Tag'] });
  const tags = elementsIn(childOf(document['Tagging'], 'TagSet'), 'Tag');
  return tags.map((tag) => [textIn(tag, 'Key') ?? '', textIn(tag, 'Value') ?? '']);
}

/** Ceph drops the tags when a copy replaces the metadata (seen with 16.2), whatever the tagging directive says. */
async function restoreTags(
  connection: Connection,
  name: ObjectName,
  tags: Tags,
  copied: S3Answer,
  signal: AbortSignal | undefined,
): Promise<S3Answer> {
  const head = await connection.send({ ...name, method: 'HEAD', signal });
  // Not to know whether the tags are there is no success.
  if (head.error !== undefined) return head.response.status >= 500 ? head : copied;
  if (tagCount(head) === tags.length) return copied;
  const content = { TagSet: { Tag: tags.map(([Key, Value]) => ({ Key, Value })) } };
  const document = toDocument({ Tagging: content }, { format: 'xml', lists: ['TagSet/Tag'] });
  const set = await connection.send({
    ...name,
    method: 'PUT',
    query: { tagging: '' },
    headers: { 'content-md5': getContentMd5(document) },
    body: bytesBody(document),
    signal,
  });
  return set.error === undefined ? copied : set;
}

function tagCount({ response }: S3Answer): number {
  return Number(response.headers['x-amz-tagging-count'] ?? 0);
}

const aclHeaders = [
  'x-amz-acl',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
];

/**
 * The source's grants as headers, where it has others than the owner's own: a copy onto itself would drop them.
 *
 * Who may not read the ACL, and services without ACLs, have none to keep.
 */
async function grantsOf(
  connection: Connection,
  source: CopySource,
  given: HeaderRecord,
  signal: AbortSignal | undefined,
): Promise<RequestHeaders> {
  if (aclHeaders.some((name) => given[name] !== undefined)) return {};
  const call = { ...source, query: { acl: '' }, headers: pickHeaders(given, [requestPayer]), signal };
  const answer = await getSubresource(connection, { ...call, errorInside200: true }).catch(
    (error: unknown) => {
      if (errorCode(error) !== 'NotImplemented') throw error;
    },
  );
  if (answer === undefined) return {};
  const { response, error } = answer;
  if (error !== undefined) return nothingToKeep(response, 'ACL', source, {});
  const policy = aclIn(response.body);
  const owner = textIn(childOf(policy, 'Owner'), 'ID');
  const grants = elementsIn(childOf(policy, 'AccessControlList'), 'Grant').map((grant) => ({
    permission: (textIn(grant, 'Permission') ?? '').toLowerCase().replaceAll('_', '-'),
    grantee: childOf(grant, 'Grantee'),
  }));
  if (grants.every(({ grantee }) => textIn(grantee, 'ID') === owner)) return {};
  const headers: Record<string, string> = {};
  for (const { permission, grantee } of grants) {
    const name = `x-amz-grant-${permission}`;
    const id = textIn(grantee, 'ID');
    const uri = textIn(grantee, 'URI');
    const value = id === undefined ? uri && `uri="${uri}"` : `id="${id}"`;
    if (aclHeaders.includes(name) && value)
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

/** The ACL in an answer; undefined where a service that knows no ACLs answered with something else. */
function aclIn(body: string): XmlValue | undefined {
  try {
    const lists = ['AccessControlList/Grant'];
    return parseXml(body, { attributes: 'drop-default-namespace', lists })['AccessControlPolicy'];
  } catch {
    return undefined;
  }
}
