import { randomBytes } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isSignatureError, SigningKeyCache, UNSIGNED_PAYLOAD } from '@s3kit/sigv4';
import { type Authentication, authenticate, authenticateForm, isSignedForExpress } from './authenticate.ts';
import { authorize, chargedHeaders } from './authorize.ts';
import { accountOf, anonymous } from './callers.ts';
import { Clock } from './clock.ts';
import type { Context, Headers } from './context.ts';
import { corsHeaders, preflight } from './cors.ts';
import { messageOf, S3Error, s3Error } from './errors.ts';
import { type Fault, FaultList } from './faults.ts';
import type { IncomingRequest } from './incoming.ts';
import { runLifecycle } from './lifecycle.ts';
import { Notifier } from './notifications.ts';
import { operationName } from './operation-names.ts';
import type { RequestSummary, Settings } from './options.ts';
import { prepareBuckets } from './prepare-buckets.ts';
import type { Reply } from './reply.ts';
import { RequestBody } from './request-body.ts';
import { parseTarget, type RequestTarget } from './request-target.ts';
import { route } from './router.ts';
import { Sessions } from './sessions.ts';
import type { Store } from './store.ts';
import { tell } from './tell.ts';
import { serveWebsite, websiteBucket } from './website.ts';
import { document } from './xml-documents.ts';

/** An answer, and what is to go wrong with it. */
export interface Answer {
  reply: Reply;
  fault: Fault | undefined;
  /** To be called when the answer was sent, or could not be. */
  finished: () => void;
}

/** There is one host. */
const hostId = 's3kit';

/** What a request turned out to ask for; it fills up while the request is carried out. */
interface Progress {
  operation?: string;
  bucket?: string;
  key?: string;
  caller?: string;
  errorCode?: string;
  fault?: Fault | undefined;
}

/** The server without its sockets: takes requests to their answers. */
export class Engine {
  readonly faults: FaultList = new FaultList();
  readonly recorders: Set<(request: RequestSummary) => void> = new Set();
  readonly #settings: Settings;
  readonly #store: Store;
  readonly #keys: SigningKeyCache;
  readonly #underWay: Set<Promise<unknown>> = new Set();
  readonly #clock: Clock;
  readonly #notifier: Notifier;
  readonly #sessions: Sessions = new Sessions();
  /** Resolves when no reset is under way. */
  #ready: Promise<unknown> = Promise.resolve();

  private constructor(settings: Settings, store: Store) {
    this.#settings = settings;
    this.#store = store;
    this.#keys = new SigningKeyCache(Math.max(32, settings.users.size));
    this.#clock = new Clock(settings.now);
    this.#notifier = new Notifier(store, settings, () => this.#clock.now());
  }

  /** An engine with the buckets that its settings ask for. */
  static async open(settings: Settings, store: Store): Promise<Engine> {
    const engine = new Engine(settings, store);
    await prepareBuckets(store, settings);
    return engine;
  }

  /** Carries a request out. Refusals are answers too; rejects never. */
  async answer(request: IncomingRequest): Promise<Answer> {
    const started = performance.now();
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    const progress: Progress = {};
    let reply: Reply;
    try {
      reply = await this.#carryOut(request, progress);
    } catch (error) {
      const refusal = refusalOf(error);
      progress.errorCode = refusal.code;
      reply = errorReply(refusal, request, requestId);
    }
    const common = {
      'x-amz-request-id': requestId,
      'x-amz-id-2': hostId,
      server: 's3kit',
      date: this.#settings.now().toUTCString(),
    };
    reply.headers = { ...common, ...this.#corsHeaders(request, progress), ...reply.headers };
    if (!areSendable(reply.headers)) {
      if (typeof reply.body === 'object') await reply.body.release();
      const failure = s3Error('InternalError');
      progress.errorCode = failure.code;
      reply = errorReply(failure, request, requestId);
      reply.headers = { ...common, ...reply.headers };
    }
    const { status } = reply;
    return {
      reply,
      fault: progress.fault,
      finished: () =>
        this.#tell(request, progress, { requestId, status, duration: performance.now() - started }),
    };
  }

  /** Starts a work, behind a reset that is under way, and keeps the server open until it has ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#track(this.#ready.then(work));
  }

  /** Waits for all that is under way, but for nothing that comes later. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Moves the clock of the data, and does what the lifecycle rules ask for at that time. */
  advanceClock(milliseconds: number): Promise<void> {
    return this.run(() => {
      this.#clock.advance(milliseconds);
      return runLifecycle(this.#store, this.#clock.now(), this.#notifier);
    });
  }

  /**
   * Back to the beginning: no data but the buckets of the settings, no faults, the clock as it is. Waits for the requests
   * under way; those that come meanwhile wait for it.
   */
  reset(): Promise<void> {
    const work = this.settled().then(() => this.#clear());
    this.#ready = work.catch(() => undefined);
    return this.#track(work);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const done = (): void => void this.#underWay.delete(work);
    work.then(done, done);
    return work;
  }

  async #clear(): Promise<void> {
    this.faults.clear();
    this.#clock.reset();
    await this.#store.clear();
    await prepareBuckets(this.#store, this.#settings);
  }

  async #carryOut(request: IncomingRequest, progress: Progress): Promise<Reply> {
    const settings = this.#settings;
    checkHead(request.headers);
    const headers = joinedHeaders(request.headers);
    const hostNames = ['localhost', settings.host];
    const host = headers['host'] ?? '';
    const website = websiteBucket(host, hostNames);
    // A website's host is no bucket of its own: its path is a key of the bucket.
    const target = parseTarget(
      request.target,
      website === undefined ? host : `${website}.localhost`,
      hostNames,
    );
    progress.bucket = target.bucket;
    progress.key = target.key;
    if (request.method === 'OPTIONS') {
      progress.operation = 'Preflight';
      return preflight(this.#store, target.bucket, headers);
    }
    if (website !== undefined) {
      progress.operation = 'Website';
      const visitor: Authentication = { caller: anonymous, payloadHash: UNSIGNED_PAYLOAD };
      return serveWebsite(this.#context(request, target, headers, visitor));
    }
    const { name, operation } = route(
      request.method,
      target,
      headers,
      isSignedForExpress(request.headers, target.query),
    );
    progress.operation = operationName(name, target, headers['x-amz-copy-source'] !== undefined);
    progress.fault = this.faults.take({
      operation: progress.operation,
      bucket: target.bucket,
      key: target.key,
    });
    const { fault } = progress;
    if (fault?.delay) await new Promise((resolve) => setTimeout(resolve, fault.delay));
    if (fault?.reset === 'before') return { status: 500 };
    if (fault?.error) {
      const { status = 503, code = 'SlowDown' } = fault.error;
      throw new S3Error(code, status, fault.error.message ?? messageOf(code) ?? 'The error was injected.');
    }
    const signed = authenticate(settings, this.#keys, this.#sessions, request, target);
    progress.caller = signed.caller;
    const context = this.#context(request, target, headers, signed);
    // A form brings its signature in its fields, so that it is let in where they are read.
    if (name !== 'POST bucket') authorize(context, name);
    const reply = await operation(context);
    return { ...reply, headers: { ...chargedHeaders(context), ...reply.headers } };
  }

  #context(
    request: IncomingRequest,
    target: RequestTarget,
    headers: Headers,
    signed: Authentication,
  ): Context {
    const settings = this.#settings;
    return {
      store: this.#store,
      limits: settings.limits,
      region: settings.region,
      now: () => this.#clock.now(),
      method: request.method,
      bucket: target.bucket,
      bucketUrl: target.bucketUrl,
      key: target.key,
      query: target.query,
      headers,
      body: new RequestBody(request.body, headers, signed),
      source: request.body,
      caller: signed.caller,
      session: signed.session,
      openSession: (grant) =>
        this.#sessions.open({ ...grant, caller: signed.caller }, settings.now().getTime()),
      remoteAddress: request.remoteAddress,
      accountOf: (id) => this.#accountOf(id),
      verifyForm: (form) => authenticateForm(settings, this.#keys, this.#sessions, form),
      notify: (event) => this.#notifier.notify(event, signed.caller, request.remoteAddress),
    };
  }

  #accountOf(accessKeyId: string): string {
    return this.#settings.users.get(accessKeyId)?.accountId ?? accountOf(accessKeyId);
  }

  #corsHeaders({ method, headers }: IncomingRequest, { bucket = '' }: Progress): Record<string, string> {
    const origin = headers['origin']?.[0];
    if (origin === undefined || bucket === '' || method === 'OPTIONS') return {};
    return corsHeaders(this.#store, bucket, origin, method);
  }

  #tell(
    { method, target }: IncomingRequest,
    { fault: _, ...progress }: Progress,
    outcome: { requestId: string; status: number; duration: number },
  ): void {
    const summary: RequestSummary = { method, target: withoutSignature(target), ...progress, ...outcome };
    for (const observer of [...this.recorders, this.#settings.onRequest]) {
      if (observer) void tell(observer, summary);
    }
  }
}

/**
 * Refuses what HTTP itself has refused.
 *
 * @throws {S3Error} `BadRequest`, `ExpectationFailed`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-3.2} and RFC 9110 section 10.1.1
 */
function checkHead({ host = [], expect = [] }: IncomingRequest['headers']): void {
  if (host.length > 1)
    throw s3Error('BadRequest', { message: 'There must be no more than one Host header.' });
  if (expect.some((value) => value.toLowerCase() !== '100-continue')) throw s3Error('ExpectationFailed');
}

function joinedHeaders(headersDistinct: IncomingRequest['headers']): Headers {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(headersDistinct)) {
    if (values !== undefined) headers[name] = values.map((value) => value.trim()).join(',');
  }
  return headers;
}

/** Whether HTTP has a form for the headers: a text of a stored document may have got into one. */
function areSendable(headers: Readonly<Record<string, string>>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    return false;
  }
}

function refusalOf(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (isSignatureError(error)) {
    return new S3Error(error.code, error.status, error.message, { members: { ...error.details } });
  }
  return s3Error('InternalError');
}

function errorReply(error: S3Error, { target }: IncomingRequest, requestId: string): Reply {
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: errorDocument(error, target.split('?', 1)[0] ?? '', requestId),
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses} */
export function errorDocument(
  { code, message, members }: S3Error,
  resource: string,
  requestId: string,
): string {
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
  return target.replace(
    /([?&]X-Amz-(?:Signature|Security-Token|Credential|S3session-Token)=)[^&]*/gi,
    '$1...',
  );
}
