/** What is left of buffers when so many of their bytes are gone. */
export function withoutFirst(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  let gone = count;
  const left: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (gone < buffer.byteLength) left.push(gone === 0 ? buffer : buffer.subarray(gone));
    gone = Math.max(0, gone - buffer.byteLength);
  }
  return left;
}
