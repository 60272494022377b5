import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type ChecksumAlgorithm, createChecksum, isChecksumAlgorithm } from '@s3kit/checksums';
import type { HeaderRecord } from '@s3kit/core';
import type { Entry } from './entry.ts';
import type { LocalPlace, Place, RemotePlace } from './place.ts';

/** One side of a comparison. */
export interface Side {
  readonly place: Place;
  readonly entry: Entry;
}

/**
 * Whether two files, or objects, of one size have the same content, as far as can be told without fetching any: by ETags, those of
 * parts included, and by the checksums that S3 stores. False where nothing tells.
 */
export async function hasSameContent(one: Side, other: Side, signal?: AbortSignal): Promise<boolean> {
  const { place: onePlace } = one;
  const { place: otherPlace } = other;
  if (onePlace.kind === 'local' && otherPlace.kind === 'remote')
    return fileIsObject(onePlace, one.entry, otherPlace, other.entry, signal);
  if (onePlace.kind === 'remote' && otherPlace.kind === 'local')
    return fileIsObject(otherPlace, other.entry, onePlace, one.entry, signal);
  if (onePlace.kind === 'local' || otherPlace.kind === 'local') return false;
  if (one.entry.eTag !== undefined && one.entry.eTag === other.entry.eTag) return true;
  const stored = storedChecksums(await head(onePlace, one.entry, {}, signal));
  const otherStored = storedChecksums(await head(otherPlace, other.entry, {}, signal));
  return [...stored].some(([algorithm, value]) => otherStored.get(algorithm) === value);
}

async function fileIsObject(
  local: LocalPlace,
  file: Entry,
  remote: RemotePlace,
  object: Entry,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const path = join(local.path, file.name);
  const [, digest, parts] = /^"?([0-9a-f]{32})(?:-(\d+))?"?$/.exec(object.eTag ?? '') ?? [];
  if (digest !== undefined && parts === undefined) {
    if ((await md5OfParts(path, undefined)) === digest) return true;
  }
  if (digest !== undefined && parts !== undefined) {
    // S3 tells how long the first part is; but for the last, all have its length.
    const first = await head(remote, object, { partNumber: '1' }, signal);
    const partSize = Number(first['content-length']);
    const isLikely = partSize > 0 && Math.ceil(file.size / partSize) === Number(parts);
    if (isLikely && (await md5OfParts(path, partSize)) === digest) return true;
  }
  // An ETag is no digest where the object is encrypted by a key, or was made of unequal parts.
  const [checksum] = storedChecksums(await head(remote, object, {}, signal));
  if (checksum === undefined) return false;
  const [algorithm, value] = checksum;
  return (await checksumOfFile(path, algorithm)) === value;
}

/** The headers of an object, or of one of its parts; none where S3 refuses. */
async function head(
  { storage, bucket, prefix }: RemotePlace,
  { name }: Entry,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<HeaderRecord> {
  const headers = { 'x-amz-checksum-mode': 'ENABLED' };
  const { response, error } = await storage.connection.send({
    method: 'HEAD',
    bucket,
    key: prefix + name,
    query,
    headers,
    signal,
  });
  return error === undefined ? response.headers : {};
}

/** The checksums of a whole object; those of its parts' checksums say nothing about a file. */
function storedChecksums(headers: HeaderRecord): ReadonlyMap<ChecksumAlgorithm, string> {
  const stored = new Map<ChecksumAlgorithm, string>();
  if (headers['x-amz-checksum-type'] === 'COMPOSITE') return stored;
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = name.startsWith('x-amz-checksum-') ? name.slice('x-amz-checksum-'.length) : '';
    if (isChecksumAlgorithm(algorithm) && !/-\d+$/.test(value)) stored.set(algorithm, value);
  }
  return stored;
}

async function checksumOfFile(path: string, algorithm: ChecksumAlgorithm): Promise<string> {
  const checksum = createChecksum(algorithm);
  for await (const chunk of createReadStream(path)) checksum.update(chunk as Uint8Array);
  return checksum.base64();
}

/** The digest in an object's ETag: of the file, or of the digests of its parts. */
async function md5OfParts(path: string, partSize: number | undefined): Promise<string> {
  const whole = createHash('md5');
  if (partSize === undefined) {
    for await (const chunk of createReadStream(path)) whole.update(chunk as Uint8Array);
    return whole.digest('hex');
  }
  let part = createHash('md5');
  let left = partSize;
  // A stream of a file gives bytes.
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    for (let bytes = chunk as Uint8Array; bytes.byteLength > 0; ) {
      if (left === 0) {
        whole.update(part.digest());
        part = createHash('md5');
        left = partSize;
      }
      const own = bytes.subarray(0, left);
      part.update(own);
      left -= own.byteLength;
      bytes = bytes.subarray(own.byteLength);
    }
  }
  return whole.update(part.digest()).digest('hex');
}
