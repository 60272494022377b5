/** The algorithms of `x-amz-checksum-<name>`, by their names there; `md5` is also that of Content-MD5 and of ETags. */
export type ChecksumAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme' | 'md5' | 'sha1' | 'sha256' | 'sha512';

/** The algorithms whose values for parts give the value for the whole. */
export type CrcAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme';

/**
 * The algorithms, and the length of their values in bytes.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html}
 */
export const checksumLengths: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
};

/** Whether a name, in lower case, is that of an algorithm. */
export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(checksumLengths, name);
}

/** Whether the value for a whole can be had from the values for its parts. */
export function isCrcAlgorithm(algorithm: ChecksumAlgorithm): algorithm is CrcAlgorithm {
  return algorithm === 'crc32' || algorithm === 'crc32c' || algorithm === 'crc64nvme';
}

/** Whether a text is a value of the algorithm: canonical Base64 of as many bytes as it has. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, value: string): boolean {
  try {
    const binary = atob(value);
    return binary.length === checksumLengths[algorithm] && btoa(binary) === value;
  } catch {
    return false;
  }
}
