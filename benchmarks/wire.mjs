// HTTP as far as a stub needs it, straight on sockets: `node:http` would cost more than all that a stub does.
import { createServer } from 'node:net';
import process from 'node:process';
import { block, piecesOf } from './objects.mjs';

const endOfHead = Buffer.from('\r\n\r\n');

/**
 * Serves on a free port of this machine, tells its number to the process that started this one, and ends with it.
 *
 * @param answer - is given a socket and a request once all of its body has come: `method`, `path`, `query`, `headers`, and `body`,
 * which is what has been kept of it
 * @param bytesToKeep - how many bytes of a request's body are kept, from its start
 */
export function listen(answer, bytesToKeep) {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    let ahead = Buffer.alloc(0);
    let request;
    let bodyLeft = 0;
    let kept = [];
    let toKeep = 0;
    socket.on('data', (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        if (request === undefined) {
          ahead = ahead.length === 0 ? rest : Buffer.concat([ahead, rest]);
          const end = ahead.indexOf(endOfHead);
          if (end < 0) return;
          request = readHead(ahead.toString('latin1', 0, end));
          bodyLeft = Number(request.headers['content-length'] ?? 0);
          toKeep = bytesToKeep(request);
          rest = ahead.subarray(end + endOfHead.length);
          ahead = Buffer.alloc(0);
          if (request.headers.expect !== undefined) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        }
        const body = rest.subarray(0, bodyLeft);
        rest = rest.subarray(body.length);
        bodyLeft -= body.length;
        if (toKeep > 0 && body.length > 0) {
          kept.push(body.subarray(0, toKeep));
          toKeep -= body.length;
        }
        if (bodyLeft > 0) return;
        request.body = kept.length === 1 ? kept[0] : Buffer.concat(kept);
        answer(socket, request);
        request = undefined;
        kept = [];
      }
    });
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('disconnect', () => process.exit());
}

/** Gives an object, or the range of it that is asked for; to HEAD, all but the bytes. */
export function give(socket, { method, headers }, { length, lines, checksum }) {
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  const first = range === null ? 0 : Number(range[1]);
  const last = range === null || range[2] === '' ? length - 1 : Math.min(Number(range[2]), length - 1);
  const given = last - first + 1;
  const head = headOf(range === null ? 200 : 206, {
    'content-length': given,
    'accept-ranges': 'bytes',
    ...lines,
    ...(range === null ? checksum : { 'content-range': `bytes ${first}-${last}/${length}` }),
  });
  if (method === 'HEAD') return socket.write(head);
  if (given <= 65_536 && first + given <= block.length)
    return socket.write(Buffer.concat([head, block.subarray(first, first + given)]));
  socket.write(head);
  const pieces = piecesOf(given, first);
  const more = () => {
    for (let next = pieces.next(); !next.done; next = pieces.next()) {
      if (socket.destroyed) return;
      if (!socket.write(next.value)) return void socket.once('drain', more);
    }
  };
  more();
}

const xml = { 'content-type': 'application/xml' };

/** An answer of XML, as text or as its bytes. */
export function sendXml(socket, body, status = 200) {
  send(socket, status, xml, body);
}

export function send(socket, status, headers, body) {
  const bytes = Buffer.from(body);
  socket.write(Buffer.concat([headOf(status, { 'content-length': bytes.length, ...headers }), bytes]));
}

function headOf(status, headers) {
  let text = `HTTP/1.1 ${status} Stub\r\ndate: ${new Date().toUTCString()}\r\nx-amz-request-id: 1\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  return Buffer.from(`${text}\r\n`);
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

/** How many bytes were meant to be sent: aws-chunked puts more around them. */
export function plainLength({ headers }) {
  return Number(headers['x-amz-decoded-content-length'] ?? headers['content-length'] ?? 0);
}

/**
 * The bytes that were meant, of a body that was kept whole, or up to where the keeping ended. In aws-chunked, each chunk has its
 * length in hex, perhaps a signature, and its bytes.
 */
export function plainBody({ body, headers }) {
  if (headers['x-amz-decoded-content-length'] === undefined) return body;
  const chunks = [];
  for (let position = 0; ; ) {
    const end = body.indexOf('\r\n', position);
    const length = end < 0 ? 0 : Number.parseInt(body.toString('latin1', position, end), 16);
    if (!(length > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(end + 2, end + 2 + length));
    position = end + 2 + length + 2;
  }
}
