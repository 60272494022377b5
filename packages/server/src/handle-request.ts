import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isSignatureError, UNSIGNED_PAYLOAD, verify } from '@s3kit/sigv4';
import { authorize } from './authorize.ts';
import { accountOf, anonymous } from './callers.ts';
import type { Context, Headers } from './context.ts';
import { type ErrorCode, S3Error, s3Error } from './errors.ts';
import type { Settings } from './options.ts';
import { type Reply, writeReply } from './reply.ts';
import { RequestBody } from './request-body.ts';
import { parseTarget, type RequestTarget } from './request-target.ts';
import { route } from './router.ts';
import type { Store } from './store.ts';
import { document } from './xml-documents.ts';

/** Takes one request to its answer; never rejects. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, onRead: () => void) => void;

/** Makes the handler of all requests of a server; `underWay` holds those that are not finished. */
export function requestHandler(
  settings: Settings,
  store: Store,
  underWay: Set<Promise<void>>,
): RequestHandler {
  return (request, response, onRead) => {
    const work = answer(settings, store, request, response, onRead)
      // The client went away, or a file broke in the middle of the answer: nothing more can be told.
      .catch(() => {
        response.destroy();
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
}

async function answer(
  settings: Settings,
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
  onRead: () => void,
): Promise<void> {
  const started = performance.now();
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const { method = '' } = request;
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', hostId);
  response.setHeader('server', 's3kit');
  response.setHeader('date', settings.now().toUTCString());
  const idle = settings.limits.idleTimeoutSeconds * 1000;
  const { socket } = request;
  // Silence is the client's only while something is awaited from it: a long copy must not end its connection.
  socket.setTimeout(0);
  request.once('end', () => socket.setTimeout(0));
  const read = (): void => {
    socket.setTimeout(idle);
    onRead();
  };
  let errorCode: string | undefined;
  let reply: Reply;
  try {
    reply = await carryOut(settings, store, request, read);
  } catch (error) {
    if (request.destroyed && !request.complete) throw error;
    const refusal = refusalOf(error);
    errorCode = refusal.code;
    reply = errorReply(refusal, resourceOf(request), requestId);
  }
  socket.setTimeout(idle);
  // The rest of a body that nobody wants is let go by; the connection stays usable.
  if (!request.readableEnded) request.resume();
  await writeReply(response, reply, method);
  try {
    settings.onRequest?.({
      requestId,
      method,
      target: withoutSignature(request.url ?? ''),
      status: reply.status,
      ...(errorCode === undefined ? {} : { errorCode }),
      duration: performance.now() - started,
    });
  } catch {
    // An observer must not be able to fail a request.
  }
}

/** There is one host. */
const hostId = 's3kit';

async function carryOut(
  settings: Settings,
  store: Store,
  request: IncomingMessage,
  onRead: () => void,
): Promise<Reply> {
  const { method = '', url = '' } = request;
  const headers = joinedHeaders(request);
  const target = parseTarget(url, headers['host'] ?? '', ['localhost', settings.host]);
  const { name, operation } = route(method, target, headers);
  const { caller, payloadHash } = authenticate(settings, request, target);
  const context: Context = {
    store,
    limits: settings.limits,
    region: settings.region,
    now: settings.now,
    method,
    bucket: target.bucket,
    key: target.key,
    query: target.query,
    headers,
    body: new RequestBody(request, headers, payloadHash, onRead),
    caller,
    remoteAddress: request.socket.remoteAddress ?? '',
    accountOf: (accessKeyId) => settings.users.get(accessKeyId)?.accountId ?? accountOf(accessKeyId),
  };
  authorize(context, name);
  return operation(context);
}

function joinedHeaders({ headersDistinct }: IncomingMessage): Headers {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(headersDistinct)) {
    if (values !== undefined) headers[name] = values.map((value) => value.trim()).join(',');
  }
  return headers;
}

function authenticate(
  { users, region, now }: Settings,
  request: IncomingMessage,
  { rawPath, rawQuery }: RequestTarget,
): { caller: string; payloadHash: string } {
  const verified = verify(
    { method: request.method ?? '', path: rawPath, query: rawQuery, headers: request.headersDistinct },
    { secretFor: (accessKeyId) => users.get(accessKeyId)?.secretAccessKey, region, now: now() },
  );
  if (verified.kind === 'anonymous') {
    return { caller: anonymous, payloadHash: payloadHashOf(request) };
  }
  return { caller: verified.accessKeyId, payloadHash: verified.payloadHash };
}

/** What an unsigned request says of its body. */
function payloadHashOf({ headers }: IncomingMessage): string {
  const value = headers['x-amz-content-sha256'];
  return typeof value === 'string' ? value : UNSIGNED_PAYLOAD;
}

function refusalOf(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (isSignatureError(error)) {
    return new S3Error(error.code, error.status, error.message, { members: { ...error.details } });
  }
  return s3Error('InternalError');
}

function resourceOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function errorReply(error: S3Error, resource: string, requestId: string): Reply {
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: errorDocument(error, resource, requestId),
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses} */
function errorDocument({ code, message, members }: S3Error, resource: string, requestId: string): string {
  return document({
    Error: {
      Code: code,
      Message: message,
      ...members,
      ...(members['Resource'] === undefined ? { Resource: resource } : {}),
      RequestId: requestId,
      HostId: hostId,
    },
  });
}

/** A presigned URL is as good as its secret until it expires, so it is not told whole. */
function withoutSignature(target: string): string {
  return target.replace(/([?&]X-Amz-(?:Signature|Security-Token|Credential)=)[^&]*/gi, '$1...');
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
