import { type ChecksumAlgorithm, isChecksumAlgorithm, multipartChecksum } from '@s3kit/checksums';
import type { XmlObject, XmlValue } from '@s3kit/xml/light';
import type { Connection } from './connection.ts';
import { checksumOfFile } from './download.ts';
import { childOf, elementsIn, textIn } from './elements.ts';
import { errorCode } from './errors.ts';
import { wrongChecksum } from './expected-checksum.ts';
import { pickHeaders, type RequestHeaders } from './headers.ts';
import type { HeaderRecord } from './http.ts';
import type { AtomicFile } from './node/atomic-file.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { objectAttributes } from './object-configurations.ts';
import type { QueryParameters } from './query.ts';
import { ConfigurationS3Request, readConfiguration } from './requests/configuration.ts';
import type { ObjectName } from './s3-name.ts';

/** A checksum of the list of the parts' checksums. */
interface CompositeChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In Base64, with the number of parts behind it. */
  readonly value: string;
  readonly header: string;
}

/** What the request that fetched the object was made with. */
interface ReadingOptions {
  readonly params: QueryParameters | undefined;
  readonly headers: RequestHeaders | undefined;
  readonly signal: AbortSignal | undefined;
}

const readingHeaders = [
  'x-amz-request-payer',
  'x-amz-expected-bucket-owner',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-server-side-encryption-customer-key-md5',
];

/**
 * Compares a file with the checksum of its object's parts, where S3 gives one and says where the parts end. Nothing can be
 * compared where the service does not tell, or does not let these keys know.
 *
 * @throws {Error} the file is not what S3 stores
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html}
 */
export async function checkComposite(
  connection: Connection,
  name: ObjectName,
  options: ReadingOptions,
  headers: HeaderRecord,
  file: AtomicFile,
): Promise<void> {
  const expected = compositeIn(headers);
  if (expected === undefined) return;
  const sizes = await partSizes(connection, name, options, headers['etag']);
  const size = sizes?.reduce((sum, part) => sum + part, 0);
  const total = Number(headers['content-range']?.split('/')[1] ?? headers['content-length']);
  if (sizes === undefined || size !== total) return;
  const parts: { value: string; size: number }[] = [];
  let offset = 0;
  for (const size of sizes) {
    parts.push({ value: await checksumOfFile(file, expected.algorithm, offset, size), size });
    offset += size;
  }
  if (multipartChecksum(expected.algorithm, 'COMPOSITE', parts) !== expected.value)
    throw wrongChecksum(expected);
}

function compositeIn(headers: HeaderRecord): CompositeChecksum | undefined {
  for (const [header, value] of Object.entries(headers)) {
    const algorithm = header.startsWith('x-amz-checksum-') ? header.slice('x-amz-checksum-'.length) : '';
    if (isChecksumAlgorithm(algorithm) && /-\d+$/.test(value)) return { algorithm, value, header };
  }
  return undefined;
}

/** The sizes of the object's parts, in order; undefined where they cannot be had. */
async function partSizes(
  connection: Connection,
  name: ObjectName,
  { params, headers, signal }: ReadingOptions,
  eTag: string | undefined,
): Promise<readonly number[] | undefined> {
  const sizes: number[] = [];
  for (let marker: string | undefined = '0'; marker !== undefined; ) {
    const request = new ConfigurationS3Request(connection, {
      ...name,
      verb: 'get',
      family: objectAttributes,
      params,
      headers: {
        ...pickHeaders(normalizeHeaders(headers ?? {}), readingHeaders),
        'x-amz-object-attributes': 'ETag,ObjectParts',
        'x-amz-part-number-marker': marker,
      },
    });
    const page = partsIn(await attributesOf(request, signal), eTag);
    if (page === undefined) return undefined;
    sizes.push(...page.sizes);
    marker = page.next;
  }
  return sizes;
}

/** What S3 says of an object; undefined where it refuses, or does not know the question. */
async function attributesOf(
  request: ConfigurationS3Request,
  signal: AbortSignal | undefined,
): Promise<XmlValue | undefined> {
  try {
    const result = await request.send({ signal });
    if (!result.ok) return undefined;
    // Its root is that of the family: anything else is an error.
    return ((await readConfiguration(result, objectAttributes)) as XmlObject)['GetObjectAttributesResponse'];
  } catch (error) {
    if (errorCode(error) === 'NotImplemented') return undefined;
    throw error;
  }
}

/** The parts on a page of attributes; undefined where they are those of another object, or there are none. */
function partsIn(
  attributes: XmlValue | undefined,
  eTag: string | undefined,
): { readonly sizes: readonly number[]; readonly next: string | undefined } | undefined {
  const parts = childOf(attributes, 'ObjectParts');
  const sizes = elementsIn(parts, 'Part').map((part) => Number(textIn(part, 'Size')));
  if (textIn(attributes, 'ETag') !== eTag?.replaceAll('"', '') || sizes.length === 0) return undefined;
  const next = textIn(parts, 'IsTruncated') === 'true' ? textIn(parts, 'NextPartNumberMarker') : undefined;
  return { sizes, next };
}
