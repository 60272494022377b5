// An S3 service for whole command lines that costs next to nothing: one bucket, of any name, which keeps of an object its key, its
// size and its metadata. Every object is made of the same bytes (see objects.mjs), so each can be given out of one block of memory,
// and its ETag is the true MD5, which is reckoned once for each size. No signature is checked.
import { createHash } from 'node:crypto';
import { block, crc32Of, isContent, md5Of } from './objects.mjs';
import { Shelf, xmlText } from './shelf.mjs';
import { give, listen, plainBody, plainLength, send, sendXml } from './wire.mjs';

// The first bytes tell which bytes of an object a part is made of; before them may stand the head of an aws-chunked chunk.
const bytesThatTell = 16;
const bytesToTell = 512;

/**
 * Serves, in a process of its own.
 *
 * @param sizes - bytes of the objects to come, so that no client waits until their digests are known
 * @param checks - whether every byte that comes is compared with what it must be
 */
export function serve({ sizes, checks }) {
  const shelf = new Shelf();
  const uploads = new Map();
  const md5 = memo((name) => md5Of(...name.split(' ').map(Number)));
  const crc = memo((length) => crc32Of(length));
  const offsets = memo((start) => block.indexOf(Buffer.from(start, 'latin1')));
  for (const size of sizes) crc(size);

  /** Where in an object, but for whole blocks, the bytes of a request begin, their number and their MD5. */
  function contentOf(request) {
    const length = plainLength(request);
    const bytes = plainBody(request);
    const offset = length === 0 ? 0 : offsets(bytes.toString('latin1', 0, bytesThatTell));
    if (offset < 0 || (checks && (bytes.length !== length || !isContent(bytes, offset)))) return undefined;
    return { length, offset, md5: md5(`${length} ${offset}`) };
  }

  function put(key, length, digest, headers) {
    const modified = new Date();
    const etag = `"${digest}"`;
    const lines = { ...headers, 'last-modified': modified.toUTCString(), etag };
    shelf.set(key, { length, modified, etag, lines });
    return etag;
  }

  const answers = {
    'GET bucket'(socket, { query }) {
      const [[, root] = []] = subresources.filter(([name]) => query.has(name));
      sendXml(socket, root ?? shelf.list(query));
    },
    'HEAD bucket': (socket) => send(socket, 200, {}, ''),
    'PUT bucket': (socket) => send(socket, 200, {}, ''),
    'POST bucket'(socket, { query, body }) {
      if (!query.has('delete')) return refuse(socket, 501, 'NotImplemented');
      const text = body.toString();
      const isQuiet = /<Quiet>\s*true/.test(text);
      let deleted = '';
      for (const [, escaped] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) {
        shelf.delete(plainText(escaped));
        if (!isQuiet) deleted += `<Deleted><Key>${escaped}</Key></Deleted>`;
      }
      sendXml(socket, `<DeleteResult>${deleted}</DeleteResult>`);
    },
    'GET object': giveObject,
    'HEAD object': giveObject,
    'PUT object'(socket, request, key) {
      if (request.headers['x-amz-copy-source'] !== undefined) return refuse(socket, 501, 'NotImplemented');
      const content = contentOf(request);
      const upload = uploads.get(request.query.get('uploadId'));
      if (request.query.has('partNumber')) {
        if (upload === undefined) return refuse(socket, 404, 'NoSuchUpload');
        if (content === undefined) return refuse(socket, 400, 'BadDigest');
        upload.parts.set(Number(request.query.get('partNumber')), content);
        return send(socket, 200, { etag: `"${content.md5}"` }, '');
      }
      if (content?.offset !== 0) return refuse(socket, 400, 'BadDigest');
      send(socket, 200, { etag: put(key, content.length, content.md5, keptHeaders(request)) }, '');
    },
    'POST object'(socket, request, key) {
      const { query, body } = request;
      if (query.has('uploads')) {
        const id = `upload-${uploads.size + 1}`;
        uploads.set(id, { headers: keptHeaders(request), parts: new Map() });
        return sendXml(
          socket,
          `<InitiateMultipartUploadResult><Bucket>bench</Bucket><Key>${xmlText(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        );
      }
      const upload = uploads.get(query.get('uploadId'));
      if (upload === undefined) return refuse(socket, 404, 'NoSuchUpload');
      const hash = createHash('md5');
      let length = 0;
      const numbers = [...body.toString().matchAll(/<PartNumber>\s*(\d+)/g)].map(([, number]) =>
        Number(number),
      );
      for (const number of numbers) {
        const part = upload.parts.get(number);
        // Each begins where the one before has ended.
        if (part?.offset !== length % block.length) return refuse(socket, 400, 'InvalidPart');
        hash.update(part.md5, 'hex');
        length += part.length;
      }
      const etag = put(key, length, `${hash.digest('hex')}-${numbers.length}`, upload.headers);
      upload.parts.clear();
      sendXml(
        socket,
        `<CompleteMultipartUploadResult><Location>http://bench/</Location><Bucket>bench</Bucket><Key>${xmlText(key)}</Key><ETag>${xmlText(etag)}</ETag></CompleteMultipartUploadResult>`,
      );
    },
    'DELETE object'(socket, { query }, key) {
      if (query.has('uploadId')) uploads.get(query.get('uploadId'))?.parts.clear();
      else shelf.delete(key);
      send(socket, 204, {}, '');
    },
  };

  function giveObject(socket, request, key) {
    const { method, headers } = request;
    const object = shelf.get(key);
    if (object === undefined) {
      if (method === 'HEAD') return send(socket, 404, {}, '');
      return refuse(socket, 404, 'NoSuchKey');
    }
    const isChecked = headers['x-amz-checksum-mode'] !== undefined;
    const checksum = isChecked
      ? { 'x-amz-checksum-crc32': crc(object.length), 'x-amz-checksum-type': 'FULL_OBJECT' }
      : undefined;
    give(socket, request, { ...object, checksum });
  }

  function answer(socket, request) {
    const [, key = ''] = /^\/[^/]*\/?(.*)$/.exec(request.path) ?? [];
    const act = answers[`${request.method} ${key === '' ? 'bucket' : 'object'}`];
    if (act === undefined) return refuse(socket, 501, 'NotImplemented');
    act(socket, request, decodeURIComponent(key));
  }

  listen(answer, ({ method }) => (checks || method === 'POST' ? Number.POSITIVE_INFINITY : bytesToTell));
}

/** What a bucket says of itself, by the parameter that asks for it. */
const subresources = [
  ['location', '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'],
  ['versioning', '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'],
  [
    'uploads',
    '<ListMultipartUploadsResult><Bucket>bench</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
  ],
];

function refuse(socket, status, code) {
  sendXml(socket, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`, status);
}

/** What a client gives with an object, and wants back. */
function keptHeaders({ headers }) {
  const kept = {};
  for (const name in headers)
    if (name === 'content-type' || name.startsWith('x-amz-meta-')) kept[name] = headers[name];
  return kept;
}

const characters = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plainText(text) {
  return text.replace(/&(\w+);/g, (_, name) => characters[name]);
}

/** A function whose results are kept. */
function memo(reckon) {
  const known = new Map();
  return (name) => {
    if (!known.has(name)) known.set(name, reckon(name));
    return known.get(name);
  };
}
