// One pass through all of @s3kit/sigv4, with nothing but what every runtime has. Expected values are published ones.
import {
  ChunkDecoder,
  ChunkEncoder,
  encodeKey,
  Signer,
  SigningIdentity,
  sha256Hex,
  signChunked,
  signedFetch,
  signPostForm,
  verify,
  verifyPostForm,
} from '@s3kit/sigv4';
import { SignerV4a, v4aPublicKey, v4aSigningKey, verifyV4a } from '@s3kit/sigv4/v4a';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const date = new Date('2013-05-24T00:00:00Z');
const signer = new Signer({ region: 'us-east-1', credentials });
const secretFor = () => credentials.secretAccessKey;
const get = { method: 'GET', host: 'examplebucket.s3.amazonaws.com', path: '/test.txt', query: '' };

function equal(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const checks = {
  'the hash of FIPS 180-4'() {
    equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  },
  'a header signature of the S3 API Reference'() {
    const { signature } = signer.sign({ ...get, headers: { Range: 'bytes=0-9' } }, { date });
    equal(signature, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
  },
  'a presigned URL of the S3 API Reference'() {
    const url = signer.presign(get, { date, expiresIn: 86_400 });
    const signature = /X-Amz-Signature=(\w+)/.exec(url)[1];
    equal(signature, 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
  },
  'signed chunks of the S3 API Reference'() {
    const request = {
      method: 'PUT',
      host: 's3.amazonaws.com',
      path: '/examplebucket/chunkObject.txt',
      headers: { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    };
    const data = new Uint8Array(66_560).fill(97);
    const upload = signChunked(signer, request, { decodedLength: data.length, date });
    equal(upload.signature, '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
    const pieces = [...upload.encode([data])];
    equal(
      pieces.reduce((sum, { length }) => sum + length, 0),
      66_824,
    );
    const verified = verify({ ...request, query: '', headers: upload.headers }, { secretFor, now: date });
    const { payloadHash } = verified;
    const decoder = new ChunkDecoder({ payloadHash, decodedLength: data.length, verified });
    const decoded = pieces.flatMap((piece) => decoder.update(piece));
    decoder.end();
    equal(
      decoded.reduce((sum, { length }) => sum + length, 0),
      data.length,
    );
  },
  'a trailer'() {
    const encoder = new ChunkEncoder({
      decodedLength: 11,
      payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      trailers: [{ name: 'x-amz-checksum-crc32', value: 'DUoRhQ==' }],
    });
    const encoded = [...encoder.update(new TextEncoder().encode('hello world')), ...encoder.end()];
    const text = encoded.map((piece) => new TextDecoder().decode(piece)).join('');
    equal(text, 'b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n');
  },
  'an upload form'() {
    const { fields } = signPostForm(signer, { bucket: 'b', key: 'é', fields: { acl: 'private' }, date });
    const form = { bucket: 'b', fields: Object.entries(fields) };
    equal(verifyPostForm(form, { secretFor, now: date }).key, 'é');
  },
  'odd keys'() {
    const path = `/${encodeKey("a//b/../c +'é😀")}`;
    equal(path, '/a//b/../c%20%2B%27%C3%A9%F0%9F%98%80');
    const { headers } = signer.sign({ ...get, path }, { date });
    equal(verify({ ...get, path, headers }, { secretFor, now: date }).kind, 'header');
  },
  async 'version 4a, with the key of the suite of AWS'() {
    const own = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
    const key = v4aSigningKey(own.accessKeyId, own.secretAccessKey);
    equal(toHex(key), '7efc8c0e65a324242818c5a50c891c6060b6a00717b7ba3cbe3c5d765be9259c');
    equal(
      toHex(v4aPublicKey(key)),
      '04b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518',
    );
    const signerV4a = new SignerV4a({ credentials: own });
    const { headers } = await signerV4a.sign(get, { date });
    const verified = await verifyV4a(
      { ...get, headers },
      { secretFor: () => own.secretAccessKey, now: date },
    );
    equal(verified.kind, 'header');
  },
  async 'what fetch sends'(origin) {
    const identity = new SigningIdentity({ region: 'us-east-1', credentials });
    const path = `/${encodeKey("a//b +'é😀%/...")}`;
    const init = {
      method: 'PUT',
      body: new Blob(['hel', 'lo']),
      headers: { 'content-type': 'text/x-odd', 'x-amz-meta-a': 'b  c' },
    };
    const put = await signedFetch(identity, `${origin}${path}?acl&b=%2F`, init);
    equal(await put.text(), `header PUT ${path}?acl&b=%2F hello`);
    const url = signer.presign({ method: 'GET', protocol: 'http:', host: new URL(origin).host, path });
    equal((await (await fetch(url)).text()).startsWith(`presigned GET ${path}?X-Amz-`), true);
  },
  async 'what fetch would rewrite'() {
    const identity = new SigningIdentity({ region: 'us-east-1', credentials });
    const refused = await signedFetch(identity, 'https://h/a/../b').catch((error) => error.name);
    equal(refused, 'TypeError');
  },
};

/**
 * Runs all checks, and resolves to their names.
 *
 * @param origin - of an endpoint that verifies what it gets
 * @throws the first that fails, with its name
 */
export async function selfCheck(origin) {
  const passed = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(origin);
    } catch (error) {
      throw new Error(`${name}: ${error?.stack ?? error}`);
    }
    passed.push(name);
  }
  return passed;
}
