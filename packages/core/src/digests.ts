import type { ChecksumAlgorithm } from '@s3kit/checksums';
import { EMPTY_SHA256, UNSIGNED_PAYLOAD } from '@s3kit/sigv4';
import { startSha256 } from '#signing';
import { startChecksum } from './checksums.ts';
import { bodyLength, type RequestBody } from './http.ts';

/** What goes with a body: its part in the signature, and its checksum. */
export interface BodyDigests {
  /** The hexadecimal SHA-256, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
  /** In Base64. */
  readonly checksum: string | undefined;
}

/** What of a body is wanted. */
export interface WantedDigests {
  readonly signed: boolean;
  readonly algorithm: ChecksumAlgorithm | undefined;
}

/** Computes a body's digests in one pass. A file is read for it once, and again for each attempt: it need not fit into memory. */
export async function digestBody(
  body: RequestBody,
  { signed, algorithm }: WantedDigests,
): Promise<BodyDigests> {
  const hash = signed && bodyLength(body) > 0 ? await startSha256(body) : undefined;
  const checksum = algorithm === undefined ? undefined : await startChecksum(algorithm);
  const update = (chunk: Uint8Array): void => {
    hash?.update(chunk);
    checksum?.update(chunk);
  };
  if (body.kind === 'bytes') update(body.bytes);
  else if (hash !== undefined || checksum !== undefined)
    for await (const chunk of body.file.read(body.offset, body.length)) update(chunk);
  return {
    payloadHash: signed
      ? ((await hash?.digestHex()) ?? EMPTY_SHA256)
      : (body.payloadHash ?? UNSIGNED_PAYLOAD),
    checksum: checksum?.base64(),
  };
}
