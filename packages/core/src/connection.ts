import { type Credentials, encodeQuery, type Signer } from '@s3kit/sigv4';
import { createTransport, runtimeName } from '#transport';
import { describeError } from './answer.ts';
import { readText, wholeBody } from './bodies.ts';
import { readConnectionConfig, type S3ConnectionInput } from './connection-config.ts';
import { BoundedMap, bucketRegionOf, clockOffsetOf, isElsewhere } from './corrections.ts';
import { type IdentifiedSigner, type Identity, identityOf, isExpired } from './credentials.ts';
import {
  algorithmOf,
  asksForChecksum,
  type ChecksumSetting,
  checksumHeader,
  digestBody,
  givesChecksum,
  type WantedDigests,
} from './digests.ts';
import {
  type Address,
  type AwsOptions,
  addressOf,
  type Endpoint,
  endpointIn,
  isSpecial,
  isStandard,
  parseEndpoint,
} from './endpoint.ts';
import { invalidArgument, type S3ErrorDocument, StorageError } from './errors.ts';
import { type AttemptReport, CallReport, Reports, type S3Events, type S3Listener } from './events.ts';
import { S3Facts, type S3Limits } from './facts.ts';
import { normalizeHeaders, type RequestHeaders } from './headers.ts';
import {
  bodyLength,
  emptyBody,
  type HeaderRecord,
  type HttpResponse,
  maximumConnections,
  type RequestBody,
  type Transport,
  type TransportResponse,
} from './http.ts';
import { checkBucketName, checkKey, s3Uri } from './names.ts';
import type { NodeTransportOptions } from './node/node-transport.ts';
import type { CallWatch } from './progress.ts';
import { type QueryParameters, queryPairs } from './query.ts';
import { type BodyRetries, createRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import { resolveService, type S3Service } from './services.ts';
import type { RoutedCall, SpecialRoutes, SpecialSigning } from './special-routes.ts';
import { TransferBudget } from './transfer-budget.ts';
import { version } from './version.ts';

/** One request to S3, before it has an address or a signature. */
export interface S3Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly query?: QueryParameters | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly body?: RequestBody | undefined;
  /** True where the body, of the request or of the answer, is an object's content: then the connection's checksum goes with it. */
  readonly content?: boolean | undefined;
  /** True where S3 can answer 200 and put an error into the body. */
  readonly errorInside200?: boolean | undefined;
  /**
   * Takes the body of a successful answer; without it, the body is read as text.
   *
   * What it does before it resolves belongs to the attempt, and is done again with the next one.
   */
  readonly receive?: ((response: TransportResponse) => Promise<void>) | undefined;
  /** Is told of each attempt, and of the bytes of the body that go out. */
  readonly watch?: CallWatch | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The raw response, and what is wrong with it where S3 refused. */
export interface S3Answer {
  readonly response: HttpResponse;
  readonly error: S3ErrorDocument | undefined;
  /** How often the request was sent, 1 or more. */
  readonly attempts: number;
  /** The checksum that was sent with an object's content, in Base64. */
  readonly sentChecksum: string | undefined;
}

/** One attempt's answer. */
export type Outcome = Pick<S3Answer, 'response' | 'error'>;

/** One attempt's answer that refuses. */
export type Refusal = Outcome & { readonly error: S3ErrorDocument };

/** What a connection takes from outside beside its configuration: sockets, the clock, the log. */
export interface S3ConnectionRuntime extends NodeTransportOptions {
  /** Sends one HTTP request. @default on Node its `http` and `https`, with connections kept alive; elsewhere `fetch` */
  readonly transport?: Transport;
  /** Told of every retry, in one line. @default nobody is told */
  readonly logger?: (message: string) => void;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** A number from 0 up to 1, for the jitter of delays. @default Math.random */
  readonly random?: () => number;
  /** Waits so many milliseconds. @default a timer */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Limits other than S3's own: for tests, and for services that have others. */
  readonly limits?: Partial<S3Limits>;
  /** Parts of one object that are under way at a time. @default 4 */
  readonly partConcurrency?: number;
  /** Most bytes that all transfers of the connection together hold in memory. @default 268435456 (256 MiB) */
  readonly transferMemory?: number;
}

// Bytes: it costs one way to the service and back.
const worthAsking = 1024 * 1024;

/**
 * A service, and who asks it. All requests go through its `send`, and nowhere else.
 *
 * Keys are never shown: not by `util.inspect`, not in JSON, not in a message.
 */
export class S3Connection {
  /** The bucket of remote names that name none. */
  readonly defaultBucket: string | undefined;
  readonly region: string;
  /** The service that it is, and what that wants; the connection's own settings stand above it. */
  readonly service: S3Service;
  /** Whether requests go over HTTPS. */
  readonly tls: boolean;
  /** The service's host, with its port where that is not the protocol's own. */
  readonly endpoint: string;
  /** How objects' contents are checked. */
  readonly checksum: ChecksumSetting;
  /** S3's limits, as this connection minds them. */
  readonly limits: S3Limits;
  /** Parts of one object that are under way at a time. */
  readonly partConcurrency: number;
  /** What all transfers of this connection share. */
  readonly transfers: TransferBudget;
  /** The subresources that the service has shown to know, of those that not every service does. */
  readonly knownSubresources: Set<string> = new Set();

  readonly #endpoint: Endpoint;
  readonly #aws: AwsOptions;
  #special: Promise<SpecialRoutes> | undefined;
  readonly #identity: Identity;
  readonly #transport: Transport;
  readonly #retries: RetryPolicy;
  readonly #now: () => number;
  /** Whether objects' contents are part of the signature. Their checksum says as much, at a tenth of the cost. */
  readonly #signsContent: boolean;
  readonly #close: () => void;
  readonly #userAgent: string;
  /** There are none until somebody listens. */
  #reports: Reports | undefined;
  /** How far the service's clock is ahead of ours, in milliseconds, as far as it has told. */
  #clockOffset = 0;
  /** The regions of buckets that turned out to be elsewhere. */
  readonly #bucketRegions: BoundedMap<string, string> = new BoundedMap(1_000);
  /** Buckets that have taken something: a large body is sent to them without asking. */
  readonly #writableBuckets: BoundedMap<string, true> = new BoundedMap(1_000);

  /**
   * @param config - the keys of `s3.yaml`, as they are spelt there or in camel case
   * @throws {ConfigError} an unknown key, a value of the wrong type, or a missing key
   */
  constructor(config: S3ConnectionInput, runtime: S3ConnectionRuntime = {}) {
    const settings = readConnectionConfig(config);
    this.service = resolveService(settings);
    const { region, endpoint } = this.service;
    this.region = region;
    this.defaultBucket = settings.defaultBucket;
    this.#endpoint = parseEndpoint({
      endpoint,
      tls: settings.tls,
      region,
      addressingStyle: settings.addressingStyle ?? this.service.addressingStyle,
    });
    const { dualstack = false, fips = false, accelerate = false } = settings;
    this.#aws = { dualstack, fips, accelerate };
    this.tls = this.#endpoint.protocol === 'https:';
    this.endpoint = addressOf(this.#endpoint).host;
    this.checksum = settings.checksum ?? this.service.checksum;
    const { payloadSigning = 'auto' } = settings;
    this.#signsContent = payloadSigning === 'auto' ? !this.tls : payloadSigning === 'always';
    this.limits = { ...S3Facts, ...this.service.limits, ...runtime.limits };
    this.partConcurrency = runtime.partConcurrency ?? 4;
    this.transfers = new TransferBudget({
      requests: runtime.maximumConnections ?? maximumConnections,
      bytes: runtime.transferMemory ?? 256 * 1024 * 1024,
    });
    this.#userAgent = userAgentOf(settings.appId);
    this.#now = runtime.now ?? Date.now;
    this.#identity = identityOf(settings, region, this.#now);
    this.#retries = createRetryPolicy(settings.retry, runtime);
    if (runtime.transport === undefined) {
      const { send, close } = createTransport(runtime);
      this.#transport = send;
      this.#close = close;
    } else {
      this.#transport = runtime.transport;
      this.#close = () => undefined;
    }
  }

  /**
   * Listens to what the connection does: to each attempt's `request` and `response`, each `retry`, each call's `error` and `end`.
   * Nothing that is secret is in an event. Nothing is measured until somebody listens.
   *
   * @returns ends the listening
   * @example
   * connection.on('response', ({ call, status, timing }) => console.log(call.url, status, timing.total));
   */
  on<Name extends keyof S3Events>(event: Name, listener: S3Listener<Name>): () => void {
    this.#reports ??= new Reports();
    return this.#reports.on(event, listener);
  }

  /** The time by this connection's clock, in milliseconds since 1970. */
  now(): number {
    return this.#now();
  }

  /** Closes the connections that are kept alive. Requests can still be sent; they open new ones. */
  close(): void {
    this.#close();
  }

  /**
   * Sends one request: addresses it, signs each attempt afresh, and tries again where that can help.
   *
   * Resolves to S3's answer, whatever its status; rejects where there is none.
   *
   * @throws {TypeError} a malformed bucket, key, header or parameter; before any request
   * @throws {TransportError} the network failed
   * @throws {ConfigError} the provider of credentials failed
   */
  async send(call: S3Call): Promise<S3Answer> {
    const given = normalizeHeaders(call.headers ?? {});
    const query = encodeQuery(queryPairs(call.query ?? {}));
    const body = call.body ?? emptyBody;
    const { method, signal } = call;
    const address = await this.#addressOf(call);
    const url = urlOf(address, query);
    const { payloadHash, checksum } = await digestBody(body, this.#wantedDigests(call, given));
    const state: CallState = {
      corrections: 0,
      replaced: false,
      renewed: false,
      session: false,
      credentials: undefined,
    };
    const report =
      this.#reports &&
      new CallReport(
        this.#reports,
        { method, bucket: call.bucket, key: call.key, url, bytes: bodyLength(body) },
        this.#now,
      );
    const headers = {
      'accept-encoding': 'identity',
      'user-agent': this.#userAgent,
      ...given,
      ...this.#checksumHeaders(call, checksum),
    };
    const prepared: PreparedCall = { call, query, body, headers, payloadHash, report };
    try {
      const answer = await this.#retries.run(
        {
          method,
          url,
          signal,
          correct: (answer) => this.#correct(answer, call, state),
          retrying: report && ((retry) => report.retry(retry)),
        },
        (count) => {
          call.watch?.attempt(count);
          // An answer may tell that the bucket is elsewhere.
          return this.#attempt(prepared, state, count === 1 ? address : undefined);
        },
      );
      report?.answered(answer);
      return { ...answer, sentChecksum: checksum };
    } catch (error) {
      report?.failed(error);
      throw error;
    }
  }

  /** The retries of a body that is read after its request has been answered. */
  bodyRetries(call: S3Call): BodyRetries {
    const url = async (): Promise<string> =>
      urlOf(await this.#addressOf(call), encodeQuery(queryPairs(call.query ?? {})));
    return this.#retries.bodyRetries({ method: call.method, signal: call.signal, url });
  }

  #wantedDigests({ content = false, method }: S3Call, headers: HeaderRecord): WantedDigests {
    const sent = content && method !== 'GET';
    return {
      signed: !sent || this.#signsContent,
      algorithm: sent && !givesChecksum(headers) ? algorithmOf(this.checksum) : undefined,
    };
  }

  #checksumHeaders({ content = false, method }: S3Call, checksum: string | undefined): HeaderRecord {
    const algorithm = algorithmOf(this.checksum);
    if (checksum !== undefined && algorithm !== undefined) return { [checksumHeader(algorithm)]: checksum };
    return content && method === 'GET' && asksForChecksum(this.checksum)
      ? { 'x-amz-checksum-mode': 'ENABLED' }
      : {};
  }

  /**
   * A URL that lets whoever has it make one request, without keys, until it expires; one that was signed with temporary
   * credentials ends with them, if that is sooner.
   *
   * @param call - the request; its headers have to be sent with the URL
   * @param expiresIn - seconds, 1 to 604,800 (a week)
   * @throws {RangeError} `expiresIn` is out of range
   * @throws {TypeError} the connection is anonymous
   * @throws {StorageError} the bucket is a directory bucket, and S3 refused a session
   * @throws {ConfigError} the provider of credentials failed
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html}
   */
  async presign(
    call: Pick<S3Call, 'method' | 'bucket' | 'key' | 'query' | 'headers'>,
    expiresIn: number,
  ): Promise<string> {
    const address = await this.#addressOf(call);
    const identified = await this.#identity.signer();
    if (identified === undefined) throw invalidArgument('an anonymous connection cannot presign a URL');
    const signing = await this.#signingOf(call, identified);
    if ('refusal' in signing) {
      const { response, error: document } = signing.refusal;
      const detail = describeError(document, s3Uri(call.bucket), response, this.#now());
      throw StorageError.refused({ operation: 'presign', detail, response, document });
    }
    const { sessionToken } = signing;
    const session = sessionToken === undefined ? [] : [['X-Amz-S3session-Token', sessionToken] as const];
    return signing.signer.presign(
      {
        method: call.method,
        protocol: address.protocol,
        host: address.host,
        path: address.path,
        query: encodeQuery([...queryPairs(call.query ?? {}), ...session]),
        headers: normalizeHeaders(call.headers ?? {}),
      },
      { expiresIn, date: this.#signingDate(), region: signing.region },
    );
  }

  /**
   * Who signs what is asked of a bucket, when, and for which region: for what is signed here and sent by others.
   *
   * @throws {TypeError} the connection is anonymous
   * @throws {ConfigError} the provider of credentials failed
   */
  async signing(bucket: string): Promise<{ signer: Signer; date: Date; region: string; url: string }> {
    const identified = await this.#identity.signer();
    if (identified === undefined) throw invalidArgument('an anonymous connection cannot sign for others');
    const { signer } = identified;
    const url = urlOf(await this.#addressOf({ method: 'POST', bucket }), '');
    return { signer, date: this.#signingDate(), region: this.#regionOf(bucket), url };
  }

  async #addressOf(call: RoutedCall): Promise<Address> {
    const { bucket, key } = call;
    if (bucket !== undefined) checkBucketName(bucket);
    if (key !== undefined) checkKey(key);
    const region = this.#regionOf(bucket);
    if (this.#isSpecial(bucket)) return (await this.#specialRoutes()).address(call, region);
    return addressOf(
      region === this.region ? this.#endpoint : endpointIn(this.#endpoint, region),
      bucket,
      key,
    );
  }

  /** Who signs a call, and with what; or the answer that refused the session for it. */
  async #signingOf(
    call: RoutedCall,
    { signer, credentials }: IdentifiedSigner,
  ): Promise<SpecialSigning | { readonly refusal: Refusal }> {
    const region = this.#regionOf(call.bucket);
    if (!this.#isSpecial(call.bucket)) return { signer, region, sessionToken: undefined };
    return (await this.#specialRoutes()).signing(call, region, credentials);
  }

  #isSpecial(bucket: string | undefined): boolean {
    return isSpecial(this.#endpoint, this.#aws, this.#regionOf(bucket), bucket);
  }

  #specialRoutes(): Promise<SpecialRoutes> {
    this.#special ??= import('./special-routes.ts').then(
      ({ SpecialRoutes }) =>
        new SpecialRoutes({
          ...this.#aws,
          endpoint: this.#endpoint,
          custom: !isStandard(this.#endpoint),
          now: () => this.#signingDate().getTime(),
          createSession: (bucket) => this.send({ method: 'GET', bucket, query: { session: '' } }),
        }),
    );
    return this.#special;
  }

  #regionOf(bucket: string | undefined): string {
    return (bucket === undefined ? undefined : this.#bucketRegions.get(bucket)) ?? this.region;
  }

  #signingDate(): Date {
    return new Date(this.#now() + this.#clockOffset);
  }

  /** Whether the bucket might not be there, or elsewhere, or might not take what these keys send. */
  #shouldAskFirst({ content = false, bucket = '' }: S3Call, body: RequestBody): boolean {
    return content && bodyLength(body) >= worthAsking && this.#writableBuckets.get(bucket) === undefined;
  }

  /** Takes from a refusal what the service's clock says, or where the bucket is; true where that was news. */
  #learnFrom(answer: Outcome, call: S3Call): boolean {
    const clockOffset = clockOffsetOf(answer, this.#now(), this.#clockOffset);
    if (clockOffset !== undefined) this.#clockOffset = clockOffset;
    const region = bucketRegionOf(answer, call);
    const moved = region !== undefined && region !== this.#regionOf(call.bucket);
    if (moved && call.bucket !== undefined) this.#bucketRegions.set(call.bucket, region);
    return clockOffset !== undefined || moved;
  }

  /** Mends what a refusal shows to be wrong on our side; true where another attempt then makes sense. */
  async #correct(answer: Outcome, call: S3Call, state: CallState): Promise<boolean> {
    const { credentials } = state;
    if (!state.renewed && state.session && isExpired(answer, { sessionToken: '' })) {
      state.renewed = true;
      if (await (await this.#specialRoutes()).renew(call)) return true;
    }
    if (!state.replaced && credentials !== undefined && isExpired(answer, credentials)) {
      state.replaced = true;
      if (await this.#identity.replace(credentials)) return true;
    }
    // One for the clock and one for the region: a service that always asks for more is not followed.
    return (
      state.corrections++ < 2 && (this.#learnFrom(answer, call) || (await this.#askRegion(answer, call)))
    );
  }

  /** Asks Amazon where a bucket is, after a refusal that says only that it is elsewhere; true where that was news. */
  async #askRegion(answer: Outcome, call: S3Call): Promise<boolean> {
    const { bucket, method, signal } = call;
    if (this.service.name !== 'aws' || bucket === undefined || method === 'HEAD') return false;
    if (!isElsewhere(answer, call) || bucketRegionOf(answer, call) !== undefined) return false;
    const before = this.#regionOf(bucket);
    await this.send({ method: 'HEAD', bucket, signal });
    return this.#regionOf(bucket) !== before;
  }

  async #attempt(
    { call, query, body, headers, payloadHash, report }: PreparedCall,
    state: CallState,
    known: Address | undefined,
  ): Promise<Outcome> {
    const { method, signal, receive } = call;
    const identified = await this.#identity.signer();
    signal?.throwIfAborted();
    state.credentials = identified?.credentials;
    const address = known ?? (await this.#addressOf(call));
    const signing = identified && (await this.#signingOf(call, identified));
    if (signing !== undefined && 'refusal' in signing) return signing.refusal;
    const sessionToken = signing?.sessionToken;
    state.session = sessionToken !== undefined;
    const signed = await signing?.signer.sign(
      {
        method,
        host: address.host,
        path: address.path,
        query,
        headers: sessionToken === undefined ? headers : { ...headers, 'x-amz-s3session-token': sessionToken },
        payloadHash,
      },
      { date: this.#signingDate(), region: signing.region },
    );
    const sent = signed?.headers ?? { ...headers, host: address.host };
    const attempt: AttemptReport | undefined = report?.attempt(sent);
    const answer = await this.#transport(
      {
        method,
        protocol: address.protocol,
        hostname: address.hostname,
        port: address.port,
        target: query === '' ? address.path : `${address.path}?${query}`,
        headers: sent,
        body,
        onSent: call.watch?.sent,
        reached: attempt?.reached,
        expectContinue: this.#shouldAskFirst(call, body),
      },
      signal,
    );
    const incoming = attempt === undefined ? answer : attempt.follow(answer);
    const { status, statusText, headers: responseHeaders } = incoming;
    const received = receive !== undefined && status >= 200 && status < 300;
    const whole = { ...incoming, body: method === 'HEAD' ? incoming.body : wholeBody(incoming, address) };
    const text = received ? '' : await readText(whole, address);
    if (received) await receive(whole);
    if (method !== 'GET' && method !== 'HEAD' && call.bucket !== undefined && status < 300)
      this.#writableBuckets.set(call.bucket, true);
    const url = urlOf(address, query);
    const response: HttpResponse = { status, statusText, headers: responseHeaders, body: text, method, url };
    const { errorInside200 = false } = call;
    if (status >= 200 && status < 300 && !errorInside200) return { response, error: undefined };
    // Most answers are no errors, and need no reader of documents.
    const { errorOf } = await import('./error-document.ts');
    return { response, error: errorOf(response, errorInside200) };
  }
}

/** Such as `s3kit/1.0.0 node/20.20.0 app/backup`. */
function userAgentOf(appId: string | undefined): string {
  const app = appId === undefined ? undefined : `app/${appId}`;
  return [`s3kit/${version}`, runtimeName(), app].filter((part) => part !== undefined).join(' ');
}

function urlOf({ protocol, host, path }: Address, query: string): string {
  return `${protocol}//${host}${path}${query === '' ? '' : `?${query}`}`;
}

/** What the attempts of one call leave to each other. */
interface CallState {
  corrections: number;
  /** Whether credentials that were refused have been replaced. */
  replaced: boolean;
  /** Whether the session of a directory bucket has been renewed. */
  renewed: boolean;
  /** Whether such a session signed the last attempt. */
  session: boolean;
  /** Those of the last attempt. */
  credentials: Credentials | undefined;
}

/** A call that is checked and hashed: all that its attempts have in common. */
interface PreparedCall {
  readonly call: S3Call;
  readonly query: string;
  readonly headers: HeaderRecord;
  readonly body: RequestBody;
  readonly payloadHash: string;
  readonly report: CallReport | undefined;
}
