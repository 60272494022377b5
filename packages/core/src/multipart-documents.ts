import type { ChecksumAlgorithm } from '@s3kit/checksums';
import { buildXml, parseXml, type XmlValue } from '@s3kit/xml';
import type { S3Answer } from './connection.ts';
import { childOf, elementsIn, textIn } from './elements.ts';
import type { S3Part } from './values.ts';

/** A part that S3 has, and what it was sent with. */
export interface SentPart {
  readonly part: S3Part;
  /** Bytes. */
  readonly size: number;
  /** In Base64. */
  readonly checksum: string | undefined;
}

/** A part as S3 lists it. */
export interface ListedPart {
  readonly partNumber: number;
  /** Bytes. */
  readonly size: number;
  readonly eTag: string;
  /** In Base64; undefined where the service keeps none of the algorithm. */
  readonly checksum: string | undefined;
}

function resultIn({ response }: S3Answer, name: string, lists: readonly string[] = []): XmlValue | undefined {
  return childOf(parseXml(response.body, { attributes: 'drop-default-namespace', lists }), name);
}

/** The id of an upload that was created. */
export function uploadIdOf(answer: S3Answer): string {
  const uploadId = textIn(resultIn(answer, 'InitiateMultipartUploadResult'), 'UploadId') ?? '';
  if (uploadId === '') throw new Error('S3 gave no upload id');
  return uploadId;
}

/** What S3 says of a part that it has copied. */
export function copiedPart(
  answer: S3Answer,
  algorithm: ChecksumAlgorithm | undefined,
): { readonly eTag: string | undefined; readonly checksum: string | undefined } {
  const result = resultIn(answer, 'CopyPartResult');
  return { eTag: textIn(result, 'ETag'), checksum: algorithm && textIn(result, checksumTag(algorithm)) };
}

/** The checksum of the object that an upload has become, where S3 tells. */
export function storedChecksum(answer: S3Answer, algorithm: ChecksumAlgorithm): string | undefined {
  return textIn(resultIn(answer, 'CompleteMultipartUploadResult'), checksumTag(algorithm));
}

/**
 * A page of an upload's parts, and the marker of the next.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html}
 */
export function listedParts(
  answer: S3Answer,
  algorithm: ChecksumAlgorithm | undefined,
): { readonly parts: readonly ListedPart[]; readonly next: string | undefined } {
  const result = resultIn(answer, 'ListPartsResult', ['ListPartsResult/Part']);
  return {
    parts: elementsIn(result, 'Part').map((part) => ({
      partNumber: Number(textIn(part, 'PartNumber')),
      size: Number(textIn(part, 'Size')),
      eTag: textIn(part, 'ETag') ?? '',
      checksum: algorithm && textIn(part, checksumTag(algorithm)),
    })),
    next: textIn(result, 'IsTruncated') === 'true' ? textIn(result, 'NextPartNumberMarker') : undefined,
  };
}

/** The document that names the parts of which S3 is to make the object. */
export function completeDocument(
  parts: readonly SentPart[],
  algorithm: ChecksumAlgorithm | undefined,
): string {
  const Part = parts.map(({ part, checksum }) => ({
    PartNumber: String(part.partNumber),
    ETag: part.eTag,
    ...(algorithm === undefined || checksum === undefined ? {} : { [checksumTag(algorithm)]: checksum }),
  }));
  return buildXml(
    { 'CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/"': { Part } },
    { lists: ['Part'] },
  );
}

/** `ChecksumCRC32` and the like. */
function checksumTag(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm.toUpperCase()}`;
}
