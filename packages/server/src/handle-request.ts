import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connections } from './connections.ts';
import { type Engine, errorDocument } from './engine.ts';
import { type ErrorCode, s3Error } from './errors.ts';
import { writeReply } from './reply.ts';

/** Takes one request to its answer; never rejects. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, onRead: () => void) => void;

/** Makes the handler of all requests that come by a socket. */
export function requestHandler(engine: Engine, connections: Connections): RequestHandler {
  return (request, response, onRead) => {
    engine
      .run(() => answer(engine, connections, request, response, onRead))
      // The client went away, or a file broke in the middle of the answer: nothing more can be told.
      .catch(() => {
        response.destroy();
      });
  };
}

async function answer(
  engine: Engine,
  connections: Connections,
  request: IncomingMessage,
  response: ServerResponse,
  onRead: () => void,
): Promise<void> {
  const { method = '', url = '', socket } = request;
  // Silence is the client's only while something is awaited from it: a long copy must not end its connection.
  socket.setTimeout(0);
  const wasRead = (): void => void socket.setTimeout(0);
  request.once('end', wasRead);
  const { reply, fault, finished } = await engine.answer({
    method,
    target: url,
    headers: request.headersDistinct,
    remoteAddress: socket.remoteAddress ?? '',
    body: () => {
      socket.setTimeout(connections.timeout);
      // The moment to send 100 Continue.
      onRead();
      // An early end of the loop, as on a full disk, must leave the socket open for the answer.
      return request.iterator({ destroyOnReturn: false });
    },
  });
  try {
    const clientLeft = socket.destroyed || (request.destroyed && !request.complete);
    if (clientLeft || fault?.reset) {
      if (typeof reply.body === 'object') await reply.body.release();
      socket.resetAndDestroy();
      return;
    }
    // From here on it is awaited that the client reads.
    request.off('end', wasRead);
    socket.setTimeout(connections.timeout);
    // The rest of a body that nobody wants is let go by; the connection stays usable.
    if (!request.readableEnded) request.resume();
    if (!response.socket) tellOfEnd(socket, response);
    await writeReply(response, reply, method, fault?.truncate);
    if (!request.complete) endSoon(request, connections.timeout);
  } finally {
    finished();
  }
}

/** An answer that waits behind another one is not told by Node when their connection ends, and would wait for ever. */
function tellOfEnd(socket: Socket, response: ServerResponse): void {
  socket.once('close', () => {
    if (!response.socket) response.emit('close');
  });
}

/** Ends the connection of a client that goes on sending what nobody wants, long after it could have read the answer. */
function endSoon(request: IncomingMessage, milliseconds: number): void {
  const timer = setTimeout(() => request.socket.destroy(), milliseconds);
  request.once('close', () => clearTimeout(timer));
}

/** Answers what is no HTTP request at all, and closes the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code: ErrorCode =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'RequestHeaderSectionTooLarge'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'RequestTimeout'
        : 'BadRequest';
  const refusal = s3Error(code);
  const body = errorDocument(refusal, '', '');
  socket.end(
    `HTTP/1.1 ${refusal.status} ${code}\r\ncontent-type: application/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
