import type { ChecksumAlgorithm } from '@s3kit/checksums';
import { ChunkEncoder, chunkedLength } from '@s3kit/sigv4';
import { checksumHeader } from '../checksum-settings.ts';
import { startChecksum } from '../checksums.ts';
import { wrongStored } from '../expected-checksum.ts';
import type { ReadableFile, RequestBody } from '../http.ts';
import type { PartCall } from '../multipart.ts';

const payloadHash = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/**
 * What sends a piece of a file with its checksum behind it: the file is read once, and not held.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html}
 */
export async function trailedPiece(
  piece: RequestBody & { readonly kind: 'file' },
  algorithm: ChecksumAlgorithm,
): Promise<PartCall> {
  const name = checksumHeader(algorithm);
  const { length: decodedLength, offset } = piece;
  // Of all attempts, the last one counts.
  let sent = '';
  const file: ReadableFile = {
    path: piece.file.path,
    async *read() {
      const checksum = await startChecksum(algorithm);
      const value = (): string => {
        sent = checksum.base64();
        return sent;
      };
      const trailers = [{ name, value }];
      const encoder = new ChunkEncoder({ decodedLength, payloadHash, trailers });
      for await (const bytes of piece.file.read(offset, decodedLength)) {
        checksum.update(bytes);
        yield* encoder.update(bytes);
      }
      yield* encoder.end();
    },
  };
  const { length: characters } = (await startChecksum(algorithm)).base64();
  const length = chunkedLength(decodedLength, { payloadHash }, { [name]: characters });
  return {
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': String(decodedLength),
      'x-amz-trailer': name,
    },
    body: { kind: 'file', file, offset: 0, length, payloadHash },
    content: true,
    trailed({ response }) {
      const stored = response.headers[name] ?? sent;
      if (stored !== sent) throw wrongStored(name, stored, sent);
      return sent;
    },
  };
}
