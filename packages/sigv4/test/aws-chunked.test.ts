import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ChunkDecoder,
  type ChunkDecoderOptions,
  ChunkEncoder,
  type ChunkEncoderOptions,
  chunkedLength,
  credentialScope,
  decodeChunked,
  isSignatureError,
  parseAmzDate,
  Signer,
  type StreamingPayloadHash,
  signChunked,
  signingKey,
  type Trailer,
  type VerifiedSignature,
  verify,
} from '../src/index.ts';
import { createHmacKey, sha256Hex } from '../src/sha256.ts';
import vectors from './vectors/aws-chunked.json' with { type: 'json' };
import examples from './vectors/s3-examples.json' with { type: 'json' };

type Input = { utf8: string } | { repeatHex: string; count: number } | { repeat: string; count: number };

interface Body {
  name: string;
  input: Input;
  chunkSize: number;
  trailers?: string[][];
  encodedLength: number;
  encodedSha256: string;
  encoded?: string;
  chunks?: { signature: string }[];
  trailerSignature?: string;
  /** Of signed bodies. */
  secretAccessKey?: string;
  timestamp?: string;
  region?: string;
  service?: string;
  seedSignature?: string;
}

const fromVectors: Body[] = vectors.bodies as Body[]; // JSON's own types differ from case to case

const fromExamples: Body[] = examples.flatMap(
  ({ name, kind, credentials, region, service, timestamp, request, expected }) => {
    if (kind !== 'chunked') return [];
    const { encodedBodyLength, encodedBodySha256, seedSignature, chunks, trailer } = expected;
    const body = {
      name,
      input: request?.body,
      chunkSize: 65_536,
      trailers: trailer?.headers,
      encodedLength: encodedBodyLength,
      encodedSha256: encodedBodySha256,
      chunks,
      trailerSignature: trailer?.signature,
      secretAccessKey: credentials?.secretAccessKey,
      timestamp: timestamp?.replaceAll(/[-:]/g, ''),
      region,
      service,
      seedSignature,
    };
    return [body as Body]; // a case of this kind has all of it
  },
);

function bytesOf(input: Input): Uint8Array {
  if ('utf8' in input) return Buffer.from(input.utf8);
  return 'repeat' in input
    ? Buffer.from(input.repeat.repeat(input.count))
    : Buffer.from(input.repeatHex.repeat(input.count), 'hex');
}

/** What a test needs of a body: how to encode it, and how a server would decode it. */
function prepared(body: Body): {
  data: Uint8Array;
  encoding: ChunkEncoderOptions;
  decoding: ChunkDecoderOptions;
} {
  const data = bytesOf(body.input);
  const trailers = (body.trailers ?? []).map(([name = '', value = '']): Trailer => ({ name, value }));
  const {
    chunkSize,
    secretAccessKey,
    timestamp = '',
    region = '',
    service = '',
    seedSignature: signature = '',
  } = body;
  const common = { decodedLength: data.length, chunkSize, trailers };
  const names = trailers.map(({ name }) => name);
  if (secretAccessKey === undefined) {
    const payloadHash: StreamingPayloadHash = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
    return {
      data,
      encoding: { ...common, payloadHash },
      decoding: { payloadHash, decodedLength: data.length, trailers: names, minimumChunkSize: 1 },
    };
  }
  const key = signingKey(secretAccessKey, timestamp, region, service);
  const scope = credentialScope(timestamp, region, service);
  const payloadHash: StreamingPayloadHash = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${names.length > 0 ? '-TRAILER' : ''}`;
  const verified: VerifiedSignature = {
    kind: 'header',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    date: parseAmzDate(timestamp) ?? new Date(Number.NaN),
    region,
    service,
    payloadHash,
    signedHeaders: [],
    signature,
    scope,
    signingKey: () => key,
  };
  const sign = (text: string): string => createHmacKey(key).hex(text);
  return {
    data,
    encoding: { ...common, seed: { amzDate: timestamp, scope, signature, sign } },
    decoding: { payloadHash, decodedLength: data.length, trailers: names, verified, minimumChunkSize: 1 },
  };
}

function encode(options: ChunkEncoderOptions, pieces: Iterable<Uint8Array>): Buffer {
  const encoder = new ChunkEncoder(options);
  const encoded: Uint8Array[] = [];
  for (const piece of pieces) encoded.push(...encoder.update(piece));
  return Buffer.concat([...encoded, ...encoder.end()]);
}

function decode(
  options: ChunkDecoderOptions,
  pieces: Iterable<Uint8Array>,
): { data: Buffer; trailers: [string, string][] } {
  const decoder = new ChunkDecoder(options);
  const data: Uint8Array[] = [];
  for (const piece of pieces) data.push(...decoder.update(piece));
  const trailers = [...decoder.end()];
  return { data: Buffer.concat(data), trailers };
}

/** The bytes cut at random places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length));
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each([...fromVectors, ...fromExamples])('$name', (body) => {
  const { data, encoding, decoding } = prepared(body);

  test('is encoded as published', () => {
    const encoded = encode(encoding, [data]);
    expect(encoded.length).toBe(body.encodedLength);
    expect(sha256(encoded)).toBe(body.encodedSha256);
    if (body.encoded !== undefined) expect(encoded.toString('latin1')).toBe(body.encoded);
    for (const { signature } of body.chunks ?? [])
      expect(encoded.includes(`;chunk-signature=${signature}\r\n`)).toBe(true);
    if (body.trailerSignature !== undefined) {
      expect(encoded.includes(`x-amz-trailer-signature:${body.trailerSignature}\r\n\r\n`)).toBe(true);
    }
  });

  test('has the predicted length', () => {
    const { chunkSize } = body;
    const lengths = Object.fromEntries(
      (body.trailers ?? []).map(([name = '', value = '']) => [name, value.length]),
    );
    const { payloadHash } = decoding;
    expect(chunkedLength(data.length, { payloadHash, chunkSize }, lengths)).toBe(body.encodedLength);
  });

  test('decodes and verifies, however it is cut', () => {
    const encoded = encode(encoding, [data]);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (places) => {
        const decoded = decode(decoding, cut(encoded, places));
        expect(decoded.data.equals(data)).toBe(true);
        expect(decoded.trailers).toEqual(body.trailers ?? []);
      }),
      { numRuns: data.length > 1e6 ? 3 : 30 },
    );
  });
});

describe('the published lengths', () => {
  test.each(vectors.encodedLengths)(
    '$decodedLength bytes by $chunkSize, signed: $signed, trailers: $trailerLineLengths',
    ({ decodedLength, chunkSize, signed, trailerLineLengths, encodedLength }) => {
      // The colon is in the line's length.
      const trailers = Object.fromEntries(
        trailerLineLengths.map((length, index) => [`t${index}`, length - 3]),
      );
      const trailer = trailerLineLengths.length > 0 ? '-TRAILER' : '';
      const payloadHash: StreamingPayloadHash = signed
        ? `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer}`
        : 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
      expect(chunkedLength(decodedLength, { payloadHash, chunkSize }, trailers)).toBe(encodedLength);
    },
  );
});

test('the trailer of minio-go has the published signature', () => {
  const example = examples.find(({ kind }) => kind === 'trailer');
  const { credentials, region, service, timestamp, expected } = example ?? {};
  const trailer = expected?.trailer;
  if (!(credentials && region && service && timestamp && trailer)) throw new Error('the vector is gone');
  const amzDate = timestamp.replaceAll(/[-:]/g, '');
  const scope = credentialScope(amzDate, region, service);
  const key = createHmacKey(signingKey(credentials.secretAccessKey, amzDate, region, service));
  expect(trailer.stringToSign).toBe(
    `AWS4-HMAC-SHA256-TRAILER\n${amzDate}\n${scope}\n${trailer.previousSignature}\n${sha256Hex(trailer.canonicalTrailers)}`,
  );
  expect(key.hex(trailer.stringToSign)).toBe(trailer.signature);
});

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };
const date = new Date('2024-02-29T23:59:59Z');
const signer = new Signer({ region: 'eu-west-1', credentials });
const put = { method: 'PUT', host: 'bucket.s3.example', path: '/a%20key' };
const crc32: Trailer = { name: 'x-amz-checksum-crc32', value: () => 'DUoRhQ==' };
const greeting = Buffer.from('hello world');

/** What a server does with a streamed upload. */
function receive(
  headers: Record<string, string>,
  encoded: Uint8Array,
): { data: Buffer; trailers: [string, string][] } {
  const verified = verify(
    { ...put, query: '', headers },
    { secretFor: () => credentials.secretAccessKey, now: date },
  );
  if (verified.kind === 'anonymous') throw new Error('no signature was found');
  const trailers = headers['x-amz-trailer']?.split(',') ?? [];
  const decodedLength = Number(headers['x-amz-decoded-content-length']);
  // A server looks first whether it is one of the three.
  const payloadHash = verified.payloadHash as StreamingPayloadHash;
  return decode({ payloadHash, decodedLength, trailers, verified, minimumChunkSize: 1 }, [encoded]);
}

describe('signChunked', () => {
  test('makes the request of the S3 API Reference', () => {
    const example = examples.find(({ name }) => name === 'streaming-signed-chunks');
    if (!example?.credentials || !example.region) throw new Error('the vector is gone');
    const own = new Signer({ region: example.region, credentials: example.credentials });
    const request = {
      method: 'PUT',
      host: 's3.amazonaws.com',
      path: '/examplebucket/chunkObject.txt',
      headers: { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    };
    const upload = signChunked(own, request, {
      decodedLength: 66_560,
      date: new Date(example.timestamp ?? ''),
    });
    expect(upload.headers['authorization']).toBe(example.expected.authorization);
    expect(upload.contentLength).toBe(66_824);
    const encoded = Buffer.concat([...upload.encode([Buffer.alloc(66_560, 'a')])]);
    expect(sha256(encoded)).toBe(example.expected.encodedBodySha256);
  });

  test.each([
    ['signed chunks', {}, 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
    ['signed chunks and a trailer', { trailers: [crc32] }, 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'],
    [
      'a trailer alone',
      { trailers: [crc32], payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' as const },
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    ],
  ])('%s verify', (_, options, payloadHash) => {
    const upload = signChunked(signer, put, { decodedLength: 11, date, chunkSize: 4, ...options });
    expect(upload.headers).toMatchObject({
      'content-encoding': 'aws-chunked',
      'content-length': String(upload.contentLength),
      'x-amz-content-sha256': payloadHash,
      'x-amz-decoded-content-length': '11',
    });
    expect(upload.headers['x-amz-trailer']).toBe('trailers' in options ? 'x-amz-checksum-crc32' : undefined);
    const encoded = Buffer.concat([...upload.encode([greeting])]);
    expect(encoded.length).toBe(upload.contentLength);
    const { data, trailers } = receive(upload.headers, encoded);
    expect(data.toString()).toBe('hello world');
    expect(trailers).toEqual('trailers' in options ? [['x-amz-checksum-crc32', 'DUoRhQ==']] : []);
    // A retry encodes again.
    expect(Buffer.concat([...upload.encode([greeting])]).equals(encoded)).toBe(true);
  });

  test.each(vectors.contentEncoding)(
    'the content encoding: $name',
    ({ contentEncoding, expected, expectedAnyOf }) => {
      const headers = contentEncoding === null ? {} : { 'Content-Encoding': contentEncoding };
      const upload = signChunked(signer, { ...put, headers }, { decodedLength: 0 });
      expect(expectedAnyOf ?? [expected]).toContain(upload.headers['content-encoding']);
    },
  );

  test('streams in and out', async () => {
    const upload = signChunked(signer, put, { decodedLength: 300_000, date });
    async function* file(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 3; index++) yield Buffer.alloc(100_000, `${index}`);
    }
    const encoded: Uint8Array[] = [];
    for await (const piece of upload.encodeStream(file())) encoded.push(piece);
    expect(Math.max(...encoded.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    expect(Buffer.concat(encoded).length).toBe(upload.contentLength);
    const whole = Buffer.concat(encoded);
    expect(receive(upload.headers, whole).data.length).toBe(300_000);
  });

  test('keeps what it holds back, though the caller uses the buffer again', () => {
    const upload = signChunked(signer, put, { decodedLength: 8, date, chunkSize: 8 });
    const buffer = new Uint8Array(4);
    function* reused(): Generator<Uint8Array> {
      for (const byte of [1, 2]) yield buffer.fill(byte);
    }
    const encoded = Buffer.concat([...upload.encode(reused())]);
    expect([...receive(upload.headers, encoded).data]).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  const trailer = (extra: Partial<Trailer>): object => ({ trailers: [{ ...crc32, ...extra }] });
  test.each<[argument: string, error: new (message: string) => Error, options: object]>([
    ['decodedLength', RangeError, { decodedLength: -1 }],
    ['decodedLength', RangeError, { decodedLength: 1.5 }],
    ['decodedLength', RangeError, { decodedLength: undefined }],
    ['chunkSize', RangeError, { chunkSize: 0 }],
    ['payloadHash', TypeError, { payloadHash: 'UNSIGNED-PAYLOAD' }],
    ['payloadHash', TypeError, { ...trailer({}), payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }],
    ['trailers', TypeError, { payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER' }],
    ['trailers', TypeError, trailer({ name: 'a b' })],
    ['trailers', TypeError, trailer({ name: 'X-Amz-Trailer-Signature' })],
    ['trailers', TypeError, trailer({ name: 'x-other' })],
    ['trailers', TypeError, { trailers: [crc32, { ...crc32, name: 'X-Amz-Checksum-Crc32' }] }],
  ])('%s is refused: %#', (argument, error, options) => {
    const call = () => signChunked(signer, put, { decodedLength: 11, ...options });
    expect(call).toThrow(error);
    expect(call).toThrow(new RegExp(`^${argument}`));
  });

  test.each([{ body: 'x' }, { payloadHash: sha256Hex('x') }])(
    'a body that is there already is refused: %j',
    (extra) => {
      expect(() => signChunked(signer, { ...put, ...extra }, { decodedLength: 1 })).toThrow(
        /^body and payloadHash/,
      );
    },
  );

  test.each([
    ['more', 10, 'hello world'],
    ['only 11', 12, 'hello world'],
    ['only 0', 1, ''],
  ])('a body that has %s bytes is an error', (words, decodedLength, text) => {
    const upload = signChunked(signer, put, { decodedLength });
    expect(() => [...upload.encode([Buffer.from(text)])]).toThrow(RangeError);
    expect(() => [...upload.encode([Buffer.from(text)])]).toThrow(words);
  });

  test.each([
    [RangeError, 'DUoRhQ'],
    [TypeError, 'a\r\nb: c='],
  ])('a trailer that turns out wrong is a %s', (error, value) => {
    const upload = signChunked(signer, put, {
      decodedLength: 0,
      trailers: [{ ...crc32, value: () => value }],
    });
    expect(() => [...upload.encode([])]).toThrow(error);
  });

  test('text is no body', () => {
    const upload = signChunked(signer, put, { decodedLength: 1 });
    expect(() => [...upload.encode(['x'] as unknown as Uint8Array[])]).toThrow(
      /^body must be made of Uint8Array/,
    );
  });
});

describe('any body', () => {
  const kinds = fc.constantFrom<StreamingPayloadHash>(
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  );
  const places = fc.array(fc.nat(), { maxLength: 6 });
  const sample = fc.record({
    data: fc.uint8Array({ maxLength: 200 }),
    chunkSize: fc.integer({ min: 1, max: 80 }),
    kind: kinds,
  });

  const uploadOf = ({
    data,
    chunkSize,
    kind,
  }: {
    data: Uint8Array;
    chunkSize: number;
    kind: StreamingPayloadHash;
  }) => {
    const trailers = kind.endsWith('-TRAILER') ? [crc32, { name: 'x-amz-meta-end', value: 'a b' }] : [];
    return signChunked(signer, put, {
      decodedLength: data.length,
      chunkSize,
      payloadHash: kind,
      trailers,
      date,
    });
  };

  test('cut in any way on either side decodes to the same bytes, and has the predicted length', () => {
    fc.assert(
      fc.property(sample, places, places, (body, here, there) => {
        const upload = uploadOf(body);
        const encoded = Buffer.concat([...upload.encode(cut(body.data, here))]);
        expect(encoded.length).toBe(upload.contentLength);
        expect(encoded.equals(Buffer.concat([...upload.encode([body.data])]))).toBe(true);
        expect(Buffer.from(body.data).equals(receive(upload.headers, encoded).data)).toBe(true);
        const decoder = cut(encoded, there);
        expect(decoder.reduce((sum, { length }) => sum + length, 0)).toBe(encoded.length);
      }),
    );
  });

  test('with one byte changed does not verify where it is signed', () => {
    fc.assert(
      fc.property(sample, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, position, change) => {
        const upload = uploadOf({ ...body, kind: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER' });
        const encoded = Buffer.concat([...upload.encode([body.data])]);
        const index = position % encoded.length;
        const before = encoded[index] ?? 0;
        encoded[index] = before ^ change;
        // The digits of a size, and the names of fields, mean the same in both cases.
        fc.pre(
          String.fromCharCode(before).toLowerCase() !== String.fromCharCode(before ^ change).toLowerCase(),
        );
        // White space around a trailer's value does not count.
        fc.pre(
          !/\s/.test(String.fromCharCode(before ^ change)) && !/[\r\n ]/.test(String.fromCharCode(before)),
        );
        expect(() => receive(upload.headers, encoded)).toThrow(expect.toSatisfy(isSignatureError));
      }),
      { numRuns: 500 },
    );
  });

  test('that breaks off is incomplete', () => {
    fc.assert(
      fc.property(sample, fc.nat(), (body, position) => {
        const upload = uploadOf(body);
        const encoded = Buffer.concat([...upload.encode([body.data])]);
        // All but the last line feed, and the empty line, which some clients leave out.
        const broken = encoded.subarray(0, position % (encoded.length - 2));
        expect(() => receive(upload.headers, broken)).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^(IncompleteBody|MalformedTrailerError)$/),
          }),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('ChunkDecoder', () => {
  const unsigned: ChunkDecoderOptions = {
    payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    decodedLength: 5,
    trailers: ['x-amz-checksum-crc32'],
  };
  const ending = '0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n';

  test.each([
    ['as it should be', `5\r\nhello\r\n${ending}`],
    ['without the last line', '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n'],
    ['with white space in the trailer', '5\r\nhello\r\n0\r\nX-Amz-Checksum-CRC32: NhCmhg== \n\r\n\r\n'],
    ['with a leading zero', `05\r\nhello\r\n000\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n`],
  ])('reads a body %s', (_, text) => {
    const { data, trailers } = decode(unsigned, [Buffer.from(text)]);
    expect([data.toString(), trailers]).toEqual(['hello', [['x-amz-checksum-crc32', 'NhCmhg==']]]);
  });

  test.each([
    ['no size', 'IncompleteBody', `\r\nhello\r\n${ending}`],
    ['a negative size', 'IncompleteBody', `-5\r\nhello\r\n${ending}`],
    ['a size of text', 'IncompleteBody', `0x5\r\nhello\r\n${ending}`],
    ['an endless size', 'IncompleteBody', '0'.repeat(129)],
    ['an extension', 'IncompleteBody', `5;a=b\r\nhello\r\n${ending}`],
    ['a chunk longer than it says', 'IncompleteBody', `4\r\nhello\r\n${ending}`],
    ['a chunk longer than the body', 'IncompleteBody', `6\r\nhello!\r\n${ending}`],
    ['a body shorter than announced', 'IncompleteBody', `4\r\nhell\r\n${ending}`],
    ['bytes behind the end', 'IncompleteBody', `5\r\nhello\r\n${ending}x`],
    ['no trailer', 'MalformedTrailerError', '5\r\nhello\r\n0\r\n\r\n'],
    ['another trailer', 'MalformedTrailerError', '5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:NhCmhg==\r\n\r\n'],
    [
      'a trailer twice',
      'MalformedTrailerError',
      `5\r\nhello\r\n0\r\n${'x-amz-checksum-crc32:a\r\n'.repeat(2)}\r\n`,
    ],
    ['a trailer that is none', 'MalformedTrailerError', '5\r\nhello\r\n0\r\nx-amz-checksum-crc32\r\n\r\n'],
    [
      'an endless trailer',
      'MalformedTrailerError',
      `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${'a'.repeat(8192)}`,
    ],
    [
      'a signature where nothing is signed',
      'MalformedTrailerError',
      '5\r\nhello\r\n0\r\nx-amz-trailer-signature:0\r\n\r\n',
    ],
  ])('refuses %s: %s', (_, code, text) => {
    expect(() => decode(unsigned, [Buffer.from(text)])).toThrow(expect.objectContaining({ code }));
    // Byte by byte too.
    const bytes = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
    expect(() => decode(unsigned, bytes)).toThrow(expect.objectContaining({ code }));
  });

  test('refuses small chunks but for the last, as S3 does', () => {
    const body = (size: number): Buffer =>
      Buffer.from(`${size.toString(16)}\r\n${'a'.repeat(size)}\r\n1\r\nb\r\n0\r\n\r\n`);
    const options = { ...unsigned, trailers: [] };
    const { data } = decode({ ...options, decodedLength: 8193 }, [body(8192)]);
    expect(data.length).toBe(8193);
    expect(() => decode({ ...options, decodedLength: 8192 }, [body(8191)])).toThrow(
      expect.objectContaining({ code: 'InvalidChunkSizeError', status: 403 }),
    );
  });

  const signedUpload = (trailers: Trailer[]) => {
    const upload = signChunked(signer, put, { decodedLength: 11, date, chunkSize: 4, trailers });
    return { headers: upload.headers, text: Buffer.concat([...upload.encode([greeting])]).toString() };
  };

  test.each([
    [
      'a chunk out of order',
      (text: string) => text.replace(/^(4.*?\r\nhell\r\n)(4.*?\r\no wo\r\n)/s, '$2$1'),
    ],
    ['a chunk left out', (text: string) => text.replace(/4;chunk-signature=\w+\r\no wo\r\n/, '')],
    ['a changed byte', (text: string) => text.replace('hell', 'Hell')],
    ['a changed trailer', (text: string) => text.replace('DUoRhQ==', 'DUoRhQ=A')],
    [
      'another trailer signature',
      (text: string) => text.replace(/(trailer-signature:)\w+/, `$1${'0'.repeat(64)}`),
    ],
    ['a cut trailer signature', (text: string) => text.replace(/(trailer-signature:\w+)\w/, '$1')],
  ])('%s: SignatureDoesNotMatch', (_, change) => {
    const { headers, text } = signedUpload([crc32]);
    expect(change(text)).not.toBe(text);
    expect(receive(headers, Buffer.from(text)).data.toString()).toBe('hello world');
    expect(() => receive(headers, Buffer.from(change(text)))).toThrow(
      expect.objectContaining({ code: 'SignatureDoesNotMatch', status: 403 }),
    );
  });

  test('what S3 tells of a wrong chunk', () => {
    const { headers, text } = signedUpload([]);
    const signatures = [...text.matchAll(/chunk-signature=(\w+)/g)].map(([, signature]) => signature);
    let error: unknown;
    try {
      receive(headers, Buffer.from(text.replace('o wo', 'O wo')));
    } catch (thrown) {
      error = thrown;
    }
    const sha256OfChunk = sha256(Buffer.from('O wo'));
    expect(error).toMatchObject({
      details: {
        AWSAccessKeyId: 'AKIAEXAMPLE',
        SignatureProvided: signatures[1],
        StringToSign: `AWS4-HMAC-SHA256-PAYLOAD\n20240229T235959Z\n20240229/eu-west-1/s3/aws4_request\n${signatures[0]}\n${sha256(Buffer.of())}\n${sha256OfChunk}`,
      },
    });
    expect(JSON.stringify(error)).not.toContain(signatures[1]);
  });

  test('an unsigned chunk among signed ones is refused, and so is an unsigned trailer', () => {
    const { headers, text } = signedUpload([crc32]);
    const bare = text.replace(/;chunk-signature=\w+/, '');
    expect(() => receive(headers, Buffer.from(bare))).toThrow(
      expect.objectContaining({ code: 'IncompleteBody' }),
    );
    const unsignedTrailer = text.replace(/x-amz-trailer-signature:\w+\r\n/, '');
    expect(() => receive(headers, Buffer.from(unsignedTrailer))).toThrow(
      expect.objectContaining({ code: 'MalformedTrailerError' }),
    );
  });

  test('names bad options', () => {
    const { verified: _, ...options } = { ...unsigned, verified: undefined };
    const signed = { ...options, payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' as const };
    expect(() => new ChunkDecoder(signed)).toThrow(/^verified must be given/);
    const other = { ...options, payloadHash: 'UNSIGNED-PAYLOAD' as StreamingPayloadHash }; // as from plain JavaScript
    expect(() => new ChunkDecoder(other)).toThrow(/^payloadHash must be/);
    expect(() => new ChunkDecoder({ ...options, decodedLength: Number('x') })).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
  });

  test('works on a stream', async () => {
    async function* encoded(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('5\r\nhel');
      yield Buffer.from(`lo\r\n${ending}`);
    }
    const data: Uint8Array[] = [];
    let trailers: ReadonlyMap<string, string> | undefined;
    for await (const piece of decodeChunked(encoded(), unsigned, (fields) => (trailers = fields)))
      data.push(piece);
    expect(Buffer.concat(data).toString()).toBe('hello');
    expect(trailers?.get('x-amz-checksum-crc32')).toBe('NhCmhg==');
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('5\r\nhel');
    }
    await expect(async () => {
      for await (const _ of decodeChunked(broken(), unsigned));
    }).rejects.toThrow(expect.objectContaining({ code: 'IncompleteBody' }));
  });
});
