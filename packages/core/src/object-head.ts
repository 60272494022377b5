import { type Metadata, metadataOf } from './headers.ts';
import type { HeaderRecord } from './http.ts';

/** What S3 says of an object without its content. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number;
  /** In double quotes, as S3 sends it. */
  readonly eTag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  readonly contentDisposition: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly contentLanguage: string | undefined;
  readonly expires: Date | undefined;
  /** The names begin with `x-amz-meta-`. */
  readonly metadata: Metadata;
  /** `STANDARD` where S3 names none. */
  readonly storageClass: string;
  readonly versionId: string | undefined;
  /** In Base64, by their algorithms: `crc32`, `sha256`, ... One of the parts' checksums ends in their number. */
  readonly checksums: Readonly<Record<string, string>>;
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly encryption: string | undefined;
  readonly encryptionKeyId: string | undefined;
  /** Parts of the upload that made it; where S3 tells. */
  readonly partsCount: number | undefined;
  readonly tagCount: number | undefined;
  readonly replicationStatus: string | undefined;
  /** Such as `ongoing-request="true"`. */
  readonly restore: string | undefined;
  readonly archiveStatus: string | undefined;
  readonly websiteRedirect: string | undefined;
  readonly lockMode: string | undefined;
  readonly retainUntil: Date | undefined;
  readonly legalHold: boolean | undefined;
  /** All headers, with names in lower case. */
  readonly headers: HeaderRecord;
}

const checksumPrefix = 'x-amz-checksum-';

/**
 * What the headers of an answer say of an object.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html}
 */
export function headOf(headers: HeaderRecord): ObjectHead {
  const checksums = Object.entries(headers)
    .filter(([name]) => name.startsWith(checksumPrefix) && name !== 'x-amz-checksum-type')
    .map(([name, value]) => [name.slice(checksumPrefix.length), value]);
  const legalHold = headers['x-amz-object-lock-legal-hold'];
  return {
    size: Number(headers['content-length'] ?? 0),
    eTag: headers['etag'],
    lastModified: dateIn(headers['last-modified']),
    contentType: headers['content-type'],
    cacheControl: headers['cache-control'],
    contentDisposition: headers['content-disposition'],
    contentEncoding: headers['content-encoding'],
    contentLanguage: headers['content-language'],
    expires: dateIn(headers['expires']),
    metadata: metadataOf(headers),
    storageClass: headers['x-amz-storage-class'] ?? 'STANDARD',
    versionId: headers['x-amz-version-id'],
    checksums: Object.fromEntries(checksums),
    encryption: headers['x-amz-server-side-encryption'],
    encryptionKeyId: headers['x-amz-server-side-encryption-aws-kms-key-id'],
    partsCount: numberIn(headers['x-amz-mp-parts-count']),
    tagCount: numberIn(headers['x-amz-tagging-count']),
    replicationStatus: headers['x-amz-replication-status'],
    restore: headers['x-amz-restore'],
    archiveStatus: headers['x-amz-archive-status'],
    websiteRedirect: headers['x-amz-website-redirect-location'],
    lockMode: headers['x-amz-object-lock-mode'],
    retainUntil: dateIn(headers['x-amz-object-lock-retain-until-date']),
    legalHold: legalHold === undefined ? undefined : legalHold === 'ON',
    headers,
  };
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** A header may hold any text in place of a date: then there is none. */
function dateIn(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
