import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ReadStreamOptions, RemoteName, Storage } from '@s3kit/core';

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
