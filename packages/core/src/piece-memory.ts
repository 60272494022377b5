/**
 * Larger pieces of a file are not held in memory: where the service takes no checksum behind the content, they are read once for their
 * digests and once more to be sent. As many of these as are usually under way fill what all transfers of a connection may hold.
 */
export const largestBuffer: number = 64 * 1024 * 1024;
// What is under way of a file that is sent as it is read.
const bufferOfStream = 1024 * 1024;

/** Bytes that a piece of a sized source may hold in memory. */
export function heldInMemory(length: number): number {
  return length > largestBuffer ? bufferOfStream : length;
}
