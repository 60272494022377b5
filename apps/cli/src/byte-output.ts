import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ReadStreamOptions, RemoteName, Storage } from '@s3kit/core';

let lastTurn: Promise<unknown> = Promise.resolve();

/** Writes to standard output when all that wanted to before has ended: what several commands of one process write is not mixed. */
export function inTurn<T>(write: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(write);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

/** Writes an object's bytes as they come; gives how many they were. */
export async function writeObject(
  storage: Storage,
  name: RemoteName,
  to: Writable,
  options: ReadStreamOptions,
): Promise<number> {
  const { body } = await storage.readStream(name, options);
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (!to.write(chunk))
      await once(to, 'drain', options.signal === undefined ? {} : { signal: options.signal });
  }
  return bytes;
}
