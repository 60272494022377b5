/** The bytes that an input of the vectors stands for. */
export function bytesOf(input: {
  utf8?: string;
  hex?: string;
  repeatHex?: string;
  count?: number;
}): Uint8Array {
  if (input.utf8 !== undefined) return Buffer.from(input.utf8);
  if (input.hex !== undefined) return Buffer.from(input.hex, 'hex');
  const pattern = Buffer.from(input.repeatHex ?? '', 'hex');
  return Buffer.alloc(pattern.length * (input.count ?? 0), pattern);
}
