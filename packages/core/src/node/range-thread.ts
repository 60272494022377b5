/** What runs in the threads of `RangeThreads`: fetches ranges of objects, and writes them to their places in the file. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createChecksum } from '@s3kit/checksums';
import { concatBytes } from '../bytes.ts';
import { errorCode } from '../errors.ts';
import { emptyBody, isTransportError, type TransportResponse } from '../http.ts';
import { SocketPool } from './http1/socket-pool.ts';
import type { FromThread, RangeTask, ThreadError, ToThread } from './range-messages.ts';
import type { ThreadSettings } from './range-threads.ts';

// Bytes: what is longer is no error document.
const longestAnswer = 1024 * 1024;
// Milliseconds: nobody is told of progress more often than ten times a second, and each message interrupts the other thread.
const betweenMessages = 100;

if (parentPort !== null) serve(parentPort, workerData as ThreadSettings);

function serve(port: NonNullable<typeof parentPort>, settings: ThreadSettings): void {
  // Without what else a transport is for: to load that takes longer than to connect.
  const pool = new SocketPool({ ...settings, pacer: undefined });
  const underWay = new Map<number, AbortController>();
  const tell = (message: FromThread): void => port.postMessage(message);
  port.on('message', async (message: ToThread) => {
    if ('giveUp' in message) return underWay.get(message.giveUp)?.abort();
    const { id, request } = message;
    const control = new AbortController();
    underWay.set(id, control);
    try {
      const response = await pool.send(
        {
          ...request,
          body: emptyBody,
          borrows: true,
          reached: (stage) => tell({ id, kind: 'reached', stage }),
        },
        control.signal,
      );
      const { status, statusText, headers } = response;
      const head = { status, statusText, headers };
      if (status !== 206) tell({ id, kind: 'answered', head, body: await bytesOf(response) });
      else tell({ id, kind: 'written', head, ...(await writeRange(response, message, tell)) });
    } catch (error) {
      tell({ id, kind: 'failed', error: describe(error) });
    } finally {
      underWay.delete(id);
    }
  });
}

async function writeRange(
  response: TransportResponse,
  { id, descriptor, offset, length, algorithm, watched }: RangeTask,
  tell: (message: FromThread) => void,
): Promise<{ bytes: number; checksum: string | undefined }> {
  const checksum = algorithm === undefined ? undefined : createChecksum(algorithm);
  let bytes = 0;
  let told = 0;
  let toldAt = performance.now();
  for await (const chunk of response.body) {
    if (bytes + chunk.byteLength > length) {
      response.destroy();
      throw new Error('S3 sent more than the range that it was asked for');
    }
    checksum?.update(chunk);
    // This thread has nothing better to do than to wait for the disk.
    for (let done = 0; done < chunk.byteLength; )
      done += writeSync(descriptor, chunk, done, chunk.byteLength - done, offset + bytes + done);
    bytes += chunk.byteLength;
    if (watched && performance.now() - toldAt >= betweenMessages) {
      tell({ id, kind: 'progress', bytes: bytes - told });
      told = bytes;
      toldAt = performance.now();
    }
  }
  return { bytes, checksum: checksum?.base64() };
}

async function bytesOf({ body, destroy }: TransportResponse): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > longestAnswer) {
      destroy();
      break;
    }
  }
  return concatBytes(chunks, length);
}

function describe(error: unknown): ThreadError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const network = isTransportError(error) ? error : undefined;
  return {
    name,
    message,
    code: errorCode(error),
    hostname: network?.hostname,
    port: network?.port,
    staleConnection: network?.staleConnection ?? false,
  };
}
