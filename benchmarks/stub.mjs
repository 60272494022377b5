// An S3 service that costs next to nothing: it checks no signature and keeps no byte of what it is sent (but their sum and,
// when asked to, their digest), and gives objects out of one block of memory.
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { crc32 } from 'node:zlib';
import { block, objectSize } from './objects.mjs';

const endOfHead = Buffer.from('\r\n\r\n');

/** Serves on a free port of this machine, and tells its number to the process that started it. */
export function serve({ size, digests }) {
  const objects = describeObjects(size);
  const report = { bytes: 0, uploads: {} };
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    let ahead = Buffer.alloc(0);
    let request;
    let bodyLeft = 0;
    socket.on('data', (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        if (request === undefined) {
          ahead = ahead.length === 0 ? rest : Buffer.concat([ahead, rest]);
          const end = ahead.indexOf(endOfHead);
          if (end < 0) return;
          request = readHead(ahead.toString('latin1', 0, end));
          bodyLeft = Number(request.headers['content-length'] ?? 0);
          rest = ahead.subarray(end + endOfHead.length);
          ahead = Buffer.alloc(0);
          if (request.headers.expect !== undefined) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
          if (digests) request.body = [];
        }
        const body = rest.subarray(0, bodyLeft);
        rest = rest.subarray(body.length);
        bodyLeft -= body.length;
        request.body?.push(body);
        if (bodyLeft > 0) return;
        answer(socket, request);
        request = undefined;
      }
    });
  });

  function answer(socket, { method, path, query, headers, body }) {
    const key = path.split('/')[2] ?? '';
    if (key === '_report') return send(socket, 200, {}, JSON.stringify(summary(query.get('key'))));
    // Some clients look for an upload that they could go on with.
    if (query.has('uploads') && method === 'GET') return send(socket, 200, xml, noUploads);
    if (method === 'GET' || method === 'HEAD') return give(socket, method, objects[key], headers);
    if (method === 'POST' && query.has('uploads')) {
      return send(
        socket,
        200,
        xml,
        `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>${key}</Key><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    if (method === 'POST')
      return send(
        socket,
        200,
        xml,
        `<CompleteMultipartUploadResult><Location>x</Location><Bucket>b</Bucket><Key>${key}</Key><ETag>"x-1"</ETag></CompleteMultipartUploadResult>`,
      );
    const length = Number(headers['x-amz-decoded-content-length'] ?? headers['content-length'] ?? 0);
    report.bytes += length;
    if (body !== undefined) note(key, query.get('partNumber'), plainBody(Buffer.concat(body), headers));
    // The MD5 that it should be costs more than all the rest; what clients check is that there is one.
    send(socket, 200, { etag: '"d41d8cd98f00b204e9800998ecf8427e"' }, '');
  }

  /** Keeps a part, or an object in one piece, which takes the place of the one before. */
  function note(key, partNumber, bytes) {
    if (partNumber === null || report.uploads[key] === undefined) report.uploads[key] = [];
    report.uploads[key].push([Number(partNumber ?? 1), bytes]);
  }

  function summary(key) {
    const parts = report.uploads[key] ?? [];
    // The next client begins anew.
    delete report.uploads[key];
    parts.sort(([one], [other]) => one - other);
    const hash = createHash('sha256');
    for (const [, bytes] of parts) hash.update(bytes);
    return { bytes: report.bytes, parts: parts.length, sha256: hash.digest('hex') };
  }

  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('disconnect', () => process.exit());
}

const noUploads =
  '<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>';
const xml = { 'content-type': 'application/xml' };

function describeObjects(size) {
  const objects = {};
  for (const key of ['small', 'large']) {
    const length = objectSize(key, size);
    let crc = 0;
    for (let offset = 0; offset < length; offset += block.length)
      crc = crc32(block.subarray(0, Math.min(block.length, length - offset)), crc);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc);
    objects[key] = { length, crc32: checksum.toString('base64') };
  }
  return objects;
}

function give(socket, method, object, headers) {
  if (object === undefined) return send(socket, 404, {}, '');
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  const first = range === null ? 0 : Number(range[1]);
  const last =
    range === null || range[2] === '' ? object.length - 1 : Math.min(Number(range[2]), object.length - 1);
  const length = last - first + 1;
  const lines = {
    'content-type': 'application/octet-stream',
    'content-length': length,
    'accept-ranges': 'bytes',
    'last-modified': 'Sat, 01 Nov 2025 00:00:00 GMT',
    // Of parts, so that nobody takes it for an MD5.
    etag: '"d41d8cd98f00b204e9800998ecf8427e-2"',
    ...(range === null
      ? { 'x-amz-checksum-crc32': object.crc32, 'x-amz-checksum-type': 'FULL_OBJECT' }
      : { 'content-range': `bytes ${first}-${last}/${object.length}` }),
  };
  const head = headOf(range === null ? 200 : 206, lines);
  if (method === 'HEAD') return socket.write(head);
  if (length <= 65_536 && first + length <= block.length)
    return socket.write(Buffer.concat([head, block.subarray(first, first + length)]));
  socket.write(head);
  let position = first;
  const more = () => {
    while (position <= last && !socket.destroyed) {
      const from = position % block.length;
      const piece = block.subarray(
        from,
        Math.min(from + 1024 * 1024, block.length, from + last + 1 - position),
      );
      position += piece.length;
      if (!socket.write(piece)) return void socket.once('drain', more);
    }
  };
  more();
}

function send(socket, status, headers, body) {
  socket.write(`${headOf(status, { ...headers, 'content-length': Buffer.byteLength(body) })}${body}`);
}

function headOf(status, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `HTTP/1.1 ${status} Stub\r\ndate: Sat, 01 Nov 2025 00:00:00 GMT\r\nx-amz-request-id: 1\r\n${lines.join('')}\r\n`,
  );
}

function readHead(text) {
  const [first, ...lines] = text.split('\r\n');
  const [method, target] = first.split(' ');
  const [path, query] = target.split('?', 2);
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { method, path, query: new URLSearchParams(query), headers };
}

/** The bytes that were meant. In aws-chunked, each chunk has its length in hex, perhaps a signature, and its bytes. */
function plainBody(bytes, headers) {
  if (headers['x-amz-decoded-content-length'] === undefined) return bytes;
  const chunks = [];
  for (let position = 0; ; ) {
    const end = bytes.indexOf('\r\n', position);
    const length = Number.parseInt(bytes.toString('latin1', position, end), 16);
    if (!(length > 0)) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(end + 2, end + 2 + length));
    position = end + 2 + length + 2;
  }
}
