import { isHeaderName } from './canonical-headers.ts';

/** A field that follows the body: a checksum, as a rule. */
export interface Trailer {
  /** The field's name, such as `x-amz-checksum-crc32c`. */
  name: string;
  /** The value, or what tells it when all of the body has been encoded. */
  value: string | (() => string);
  /** Characters that the value will have. @default known for S3's checksums, and where `value` is a string */
  length?: number;
}

/** Characters of Base64 in S3's checksums. */
const CHECKSUM_LENGTHS: Readonly<Record<string, number>> = {
  'x-amz-checksum-crc32': 8,
  'x-amz-checksum-crc32c': 8,
  'x-amz-checksum-crc64nvme': 12,
  'x-amz-checksum-md5': 24,
  'x-amz-checksum-sha1': 28,
  'x-amz-checksum-sha256': 44,
  'x-amz-checksum-sha512': 88,
  'x-amz-checksum-xxhash3': 12,
  'x-amz-checksum-xxhash64': 12,
  'x-amz-checksum-xxhash128': 24,
};

/** A trailer whose name and length are settled. */
export interface CheckedTrailer {
  name: string;
  length: number;
  /** @throws {TypeError} the value cannot stand on a line @throws {RangeError} it is not as long as announced */
  value: () => string;
}

/** Checks trailers, and puts them into the order of their names, which is the order of their signature. */
export function checkedTrailers(trailers: readonly Trailer[]): CheckedTrailer[] {
  const checked = trailers.map(checkedTrailer).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (new Set(checked.map(({ name }) => name)).size < checked.length) {
    throw new TypeError('trailers: a name is given twice');
  }
  return checked;
}

function checkedTrailer({ name: anyCase, value, length }: Trailer): CheckedTrailer {
  const name = String(anyCase).toLowerCase();
  if (!isHeaderName(name) || name === 'x-amz-trailer-signature') {
    throw new TypeError(`trailers: ${JSON.stringify(anyCase)} is not the name of a trailer`);
  }
  const known = length ?? (typeof value === 'string' ? value.length : CHECKSUM_LENGTHS[name]);
  if (known === undefined || !Number.isSafeInteger(known) || known < 0) {
    throw new TypeError(`trailers: the length of '${name}' must be given, as a whole number of characters`);
  }
  return {
    name,
    length: known,
    value() {
      const text = typeof value === 'string' ? value : value();
      if (typeof text !== 'string' || !/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$|^$/.test(text)) {
        throw new TypeError(
          `trailers: the value of '${name}' must be one line of ASCII, without spaces around it`,
        );
      }
      if (text.length !== known) {
        throw new RangeError(`trailers: '${name}' was to have ${known} characters, and has ${text.length}`);
      }
      return text;
    },
  };
}
