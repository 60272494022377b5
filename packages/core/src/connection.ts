import { type CredentialProvider, type Credentials, encodeQuery, type Signer } from '@s3kit/sigv4';
import { createSigner } from '#signing';
import { createAsking, createTransport, runtimeName } from '#transport';
import {
  algorithmOf,
  asksForChecksum,
  type ChecksumSetting,
  checksumHeader,
  givesChecksum,
} from './checksum-settings.ts';
import type { PayloadSigning, RetryConfig } from './connection-config.ts';
import { type IdentifiedSigner, type Identity, identityOf } from './credentials.ts';
import { digestBody } from './digests.ts';
import {
  type Address,
  type AddressingStyle,
  addressOf,
  amazonHost,
  type Endpoint,
  endpointOf,
  isSpecial,
} from './endpoint.ts';
import type { S3ErrorDocument } from './errors.ts';
import type { AttemptReport, CallReport, S3Events, S3Listener, S3Listeners } from './events.ts';
import type { RequestHeaders } from './headers.ts';
import {
  type BodyDestination,
  emptyBody,
  type HeaderRecord,
  type HttpResponse,
  isTransportError,
  maximumConnections,
  type RequestBody,
  type Transport,
  type TransportError,
  type TransportResponse,
} from './http.ts';
import { type S3Limits, s3Limits } from './limits.ts';
import type { NodeTransportOptions } from './node/node-transport.ts';
import type { WritableBuckets } from './node/writable-buckets.ts';
import { checkedHeaders } from './plain-headers.ts';
import type { CallWatch } from './progress.ts';
import { type QueryParameters, queryPairs } from './query.ts';
import { readText } from './read-text.ts';
import type { CallState, ConnectionInside, Learnt } from './repairs.ts';
import type { BodyRetries, RequestRetries, RetryPolicy } from './retry-policy.ts';
import type { S3Service } from './services.ts';
import type { RoutedCall, SigningOutcome, SpecialRoutes } from './special-routes.ts';
import { TransferBudget } from './transfer-budget.ts';
import { version } from './version.ts';
import { isBucketName, isKey } from './well-formed.ts';

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
   * Takes the body of a successful answer, and gives what of it is a text; without it, all of the body is read as one.
   *
   * What it does before it resolves belongs to the attempt, and is done again with the next one.
   */
  readonly receive?: ((response: TransportResponse) => Promise<string> | Promise<void>) | undefined;
  /** Where in an open file the range that is asked for belongs: a transport with threads writes it there by itself. */
  readonly into?: BodyDestination | undefined;
  /** True where each piece of the body is needed only until the next is asked for: its memory is then used again. */
  readonly borrows?: boolean | undefined;
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
  /** Whether an earlier attempt, of which nobody knows how it ended, may have done what was asked. */
  readonly mayBeDone?: boolean | undefined;
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
  readonly transport?: Transport | undefined;
  /** Told of every retry, in one line. @default nobody is told */
  readonly logger?: ((message: string) => void) | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** A number from 0 up to 1, for the jitter of delays. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Waits so many milliseconds. @default a timer */
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Limits other than S3's own: for tests, and for services that have others. */
  readonly limits?: Partial<S3Limits> | undefined;
  /** Parts of one object that are under way at a time. @default 4 */
  readonly partConcurrency?: number | undefined;
  /** Bytes of each part, more where an object would need over 10,000 of them. @default 5 MiB; 8 MiB for streams */
  readonly partSize?: number | undefined;
  /**
   * Most bytes that all transfers of the connection together hold in memory. Parts of files for which that is too little are read
   * twice, where their checksum cannot go behind them. @default 268435456 (256 MiB), or as many parts as are under way of one file
   */
  readonly transferMemory?: number | undefined;
}

// Bytes: 256 MiB.
const defaultMemory = 2 ** 28;

/** What a connection is made of. */
export interface ConnectionSettings {
  /** The service's URL. */
  readonly endpoint: string | Endpoint;
  /** The region that requests are signed for. */
  readonly region: string;
  /** Credentials, a function that gives them, or `anonymous` for requests without a signature. */
  readonly credentials: Credentials | CredentialProvider | 'anonymous';
  /** The bucket of remote names that name none. */
  readonly defaultBucket?: string | undefined;
  /** What the service wants where nothing else is said. @default S3's own */
  readonly service?: S3Service | undefined;
  /** Where a bucket's name goes. @default 'auto': into the host name on amazonaws.com, into the path elsewhere */
  readonly addressingStyle?: AddressingStyle | undefined;
  /** How objects' contents are checked. @default 'crc32' */
  readonly checksum?: ChecksumSetting | undefined;
  /** Whether S3 is asked for the checksum of each object that is read. @default 'when-supported' */
  readonly responseChecksumValidation?: 'when-supported' | 'when-required' | undefined;
  /** When objects' contents are part of the signature. @default 'auto' */
  readonly payloadSigning?: PayloadSigning | undefined;
  readonly retry?: RetryConfig | undefined;
  /** Whether to ask Amazon's hosts that have IPv6 addresses too. @default false */
  readonly dualstack?: boolean | undefined;
  /** Whether to ask Amazon's hosts with FIPS 140 cryptography. @default false */
  readonly fips?: boolean | undefined;
  /** Whether to reach buckets by S3 Transfer Acceleration. @default false */
  readonly accelerate?: boolean | undefined;
  /** The application's name, which the `User-Agent` then carries. @default none */
  readonly appId?: string | undefined;
}

/**
 * A service, and who asks it. All requests go through its `send`, and nowhere else.
 *
 * Its settings are taken as they are. `S3Connection` is the same, and also reads them from a configuration, tells what is wrong with
 * that, and knows what services want; a page that needs none of this is smaller without it.
 *
 * Keys are never shown: not by `util.inspect`, not in JSON, not in a message.
 *
 * @example
 * const endpoint = 'https://s3.eu-central-1.amazonaws.com';
 * const connection = new Connection({ endpoint, region: 'eu-central-1', credentials });
 */
export class Connection {
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
  /** What it was given beside its settings. */
  readonly runtime: S3ConnectionRuntime;
  /** What all transfers of this connection share. */
  readonly transfers: TransferBudget;

  readonly #endpoint: Endpoint;
  readonly #settings: ConnectionSettings;
  #special: Promise<SpecialRoutes> | undefined;
  readonly #identity: Identity;
  readonly #transport: Transport;
  readonly #policyOf: () => Promise<RetryPolicy>;
  /** There is none until something fails. */
  #policy: RetryPolicy | undefined;
  readonly #now: () => number;
  readonly #close: () => void;
  readonly #userAgent: string;
  /** There are none until somebody listens. */
  #listeners: S3Listeners | undefined;
  readonly #learnt: Learnt = { clockOffset: 0, bucketRegions: new Map() };
  /** Where the transport can ask first whether a body is wanted. */
  readonly #asking: WritableBuckets | undefined = createAsking();

  /**
   * @throws {TypeError} the endpoint is no URL, or region or credentials are malformed
   */
  constructor(settings: ConnectionSettings, runtime: S3ConnectionRuntime = {}) {
    const { endpoint, region, addressingStyle = 'auto', credentials } = settings;
    this.#endpoint = typeof endpoint === 'string' ? endpointOf(endpoint, addressingStyle) : endpoint;
    const { protocol, hostname } = this.#endpoint;
    this.region = region;
    this.service = settings.service ?? {
      name: amazonHost.test(hostname) ? 'aws' : undefined,
      endpoint: hostname,
      region,
      addressingStyle,
      checksum: 'crc32',
      limits: {},
    };
    this.defaultBucket = settings.defaultBucket;
    this.#settings = settings;
    this.tls = protocol === 'https:';
    this.endpoint = addressOf(this.#endpoint).host;
    this.checksum = settings.checksum ?? this.service.checksum;
    this.limits = { ...s3Limits, ...this.service.limits, ...runtime.limits };
    this.partConcurrency = runtime.partConcurrency ?? 4;
    this.runtime = runtime;
    this.transfers = new TransferBudget({
      requests: runtime.maximumConnections ?? maximumConnections,
      bytes: runtime.transferMemory ?? defaultMemory,
    });
    this.#userAgent = userAgentOf(settings.appId);
    this.#now = runtime.now ?? Date.now;
    this.#identity = identityOf(
      credentials,
      (keys) => createSigner({ region, credentials: keys }, this.#endpoint.basePath === ''),
      this.#now,
    );
    this.#policyOf = async () => {
      const { createRetryPolicy } = await import('./retry-policy.ts');
      this.#policy ??= createRetryPolicy(settings.retry, runtime);
      return this.#policy;
    };
    const { transport } = runtime;
    const { send, close } = transport
      ? { send: transport, close: () => undefined }
      : createTransport(runtime);
    this.#transport = send;
    this.#close = close;
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
    const listeners = this.#listeners ?? new Set();
    this.#listeners = listeners;
    const entry = { event, listener };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  /** The time by this connection's clock, in milliseconds since 1970. */
  now(): number {
    return this.#now();
  }

  /**
   * Closes the connections that are kept alive; those in use, when their answer has been read. Requests can still be sent; they open
   * new ones. An agent that was given is destroyed with all of its connections, and what was under way on them is sent again.
   */
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
    const given = await checkedHeaders(call.headers);
    const { method, signal, content = false } = call;
    const { payloadSigning = 'auto', responseChecksumValidation } = this.#settings;
    const query = encodeQuery(queryPairs(call.query ?? {}));
    const body = call.body ?? emptyBody;
    let address = await this.#addressOf(call);
    const url = urlOf(address, query);
    const fetched = content && method === 'GET';
    const sent = content && !fetched;
    const algorithm = sent && !givesChecksum(given) ? algorithmOf(this.checksum) : undefined;
    const { payloadHash, checksum } = await digestBody(body, {
      // A checksum says as much of an object's content, at a tenth of the cost.
      signed: !sent || (payloadSigning === 'auto' ? !this.tls : payloadSigning === 'always'),
      algorithm,
    });
    const header = algorithm && checksumHeader(algorithm);
    const state: CallState = {};
    const report =
      this.#listeners && (await import('./events.ts')).reportOf(this.#listeners, call, url, this.#now);
    const headers = {
      'accept-encoding': 'identity',
      'user-agent': this.#userAgent,
      ...given,
      ...(header && { [header]: checksum }),
      ...(fetched &&
        asksForChecksum(this.checksum) &&
        responseChecksumValidation !== 'when-required' && { 'x-amz-checksum-mode': 'ENABLED' }),
    };
    const prepared: PreparedCall = { call, query, body, headers, payloadHash, report };
    try {
      // The adaptive mode counts all that is sent.
      if (this.#settings.retry?.mode === 'adaptive') await this.#policyOf();
      let retries: RequestRetries | undefined;
      for (let attempts = 1; ; attempts++) {
        await this.#policy?.turn(signal);
        call.watch?.attempt(attempts);
        const outcome = await this.#attempt(prepared, state, address).catch(failureOf);
        const answered = 'response' in outcome;
        const failed = answered ? { answer: outcome } : { failure: outcome };
        this.#policy?.note(failed);
        if (!answered || outcome.error !== undefined) {
          retries ??= (
            await this.#policyOf().catch((error) => {
              // A page's own server may be as far away as S3: then the failure is what there is to tell.
              throw answered ? error : outcome;
            })
          ).begin({
            method,
            url,
            signal,
            correct: (refusal) => this.#repair(refusal, call, state),
            retrying: report && ((retry) => report.retry(retry)),
          });
          if (await retries.another(failed)) {
            // The answer may have told that the bucket is elsewhere.
            address = await this.#addressOf(call);
            continue;
          }
        }
        if (!answered) throw outcome;
        report?.answered(outcome);
        const stored = header && outcome.response.headers[header];
        if (stored && stored !== checksum)
          throw (await import('./expected-checksum.ts')).wrongStored(header, stored, checksum);
        return { attempts, mayBeDone: retries?.mayBeDone, sentChecksum: checksum, ...outcome };
      }
    } catch (error) {
      report?.failed(error);
      throw error;
    }
  }

  /** The retries of a body that is read after its request has been answered. */
  async bodyRetries(call: S3Call): Promise<BodyRetries> {
    return (await this.#policyOf()).bodyRetries(call, this.#inside());
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
    return (await import('./presign.ts')).presignCall(this.#inside(), call, expiresIn);
  }

  /**
   * Who signs what is asked of a bucket, when, and for which region: for what is signed here and sent by others.
   *
   * @throws {TypeError} the connection is anonymous
   * @throws {ConfigError} the provider of credentials failed
   */
  async signing(bucket: string): Promise<{ signer: Signer; date: Date; region: string; url: string }> {
    return (await import('./presign.ts')).signingForOthers(this.#inside(), bucket);
  }

  async #addressOf(call: RoutedCall): Promise<Address> {
    const { bucket, key } = call;
    if ((bucket !== undefined && !isBucketName(bucket)) || (key !== undefined && !isKey(key)))
      (await import('./names.ts')).checkName(bucket, key);
    const region = this.#regionOf(bucket);
    const special = this.#specialOf(bucket);
    if (special) return (await special).address(call, region);
    const endpoint =
      region === this.region
        ? this.#endpoint
        : (await import('./endpoint-settings.ts')).endpointIn(this.#endpoint, region);
    return addressOf(endpoint, bucket, key);
  }

  /** Who signs a call, and with what; or the answer that refused the session for it. */
  async #signingOf(call: RoutedCall, { signer, credentials }: IdentifiedSigner): Promise<SigningOutcome> {
    const region = this.#regionOf(call.bucket);
    const special = this.#specialOf(call.bucket);
    return special ? (await special).signing(call, region, credentials) : { signer, region };
  }

  /** The ways to a bucket that is reached by none of the plain ones. */
  #specialOf(bucket: string | undefined): Promise<SpecialRoutes> | undefined {
    return isSpecial(this.#endpoint, this.#settings, this.#regionOf(bucket), bucket)
      ? this.#specialRoutes()
      : undefined;
  }

  #specialRoutes(): Promise<SpecialRoutes> {
    this.#special ??= import('./special-routes.ts').then(
      ({ SpecialRoutes }) =>
        new SpecialRoutes({
          aws: this.#settings,
          endpoint: this.#endpoint,
          now: () => this.#signingDate().getTime(),
          send: (call) => this.send(call),
        }),
    );
    return this.#special;
  }

  #regionOf(bucket: string | undefined): string {
    return this.#learnt.bucketRegions.get(bucket ?? '') ?? this.region;
  }

  #signingDate(): Date {
    return new Date(this.#now() + this.#learnt.clockOffset);
  }

  /** What is shown to what is loaded later. */
  #inside(): ConnectionInside {
    return {
      connection: this,
      learnt: this.#learnt,
      identity: this.#identity,
      addressOf: (call) => this.#addressOf(call),
      signingOf: (call, identified) => this.#signingOf(call, identified),
      regionOf: (bucket) => this.#regionOf(bucket),
      special: () => this.#specialRoutes(),
    };
  }

  /** Mends what a refusal shows to be wrong on our side; true where another attempt then makes sense. */
  async #repair(answer: Outcome, call: S3Call, state: CallState): Promise<boolean> {
    return (await import('./refusals.ts')).repair(answer, call, state, this.#inside());
  }

  async #attempt(
    { call, query, body, headers, payloadHash, report }: PreparedCall,
    state: CallState,
    address: Address,
  ): Promise<Outcome> {
    const { method, signal, receive } = call;
    const identified = await this.#identity.signer(signal);
    signal?.throwIfAborted();
    state.credentials = identified?.credentials;
    state.region = this.#regionOf(call.bucket);
    const signing = identified && (await this.#signingOf(call, identified));
    if (signing !== undefined && 'refusal' in signing) return signing.refusal;
    state.session = signing?.sessionToken !== undefined;
    state.clockOffset = this.#learnt.clockOffset;
    const signed = await signing?.signer.sign(
      { method, query, headers, payloadHash, ...address },
      { date: this.#signingDate(), region: signing.region },
    );
    const sent = signed?.headers ?? { ...headers, host: address.host };
    const attempt: AttemptReport | undefined = report?.attempt(sent);
    const answer = await this.#transport(
      {
        // What is spread into an object stands at its end: V8 takes a microsecond for each property that is added after it.
        method,
        target: targetOf(address, query),
        headers: sent,
        body,
        onSent: call.watch?.sent,
        reached: attempt?.reached,
        into: call.into,
        borrows: call.borrows,
        expectContinue: this.#asking?.asksFirst(call),
        ...address,
      },
      signal,
    );
    const { status, statusText, headers: responseHeaders } = answer;
    const received = receive !== undefined && status >= 200 && status < 300;
    const incoming =
      (answer.checked && status !== 206) || method === 'HEAD'
        ? answer
        : (await import('./whole-body.ts')).wholeBody(answer, address);
    const whole = attempt?.follow(incoming) ?? incoming;
    const text = (await (received ? receive(whole) : readText(whole, address))) ?? '';
    if (status < 300) this.#asking?.hasTaken(call);
    const url = urlOf(address, query);
    const response: HttpResponse = { status, statusText, headers: responseHeaders, body: text, method, url };
    // Most answers are no errors, say no more, and need no reader of documents.
    return status >= 200 && status < 300 && !call.errorInside200 && text === ''
      ? { response, error: undefined }
      : (await import('./refusals.ts')).outcomeOf(response, call);
  }
}

/** Such as `s3kit/1.0.0 node/20.20.0 app/backup`. */
function userAgentOf(appId: string | undefined): string {
  return [`s3kit/${version}`, runtimeName(), appId && `app/${appId}`].filter(Boolean).join(' ');
}

function targetOf({ path }: Pick<Address, 'path'>, query: string): string {
  return query === '' ? path : `${path}?${query}`;
}

/** What is asked, without any signature. */
export function urlOf({ protocol, host, path }: Address, query: string): string {
  return `${protocol}//${host}${targetOf({ path }, query)}`;
}

/** The network's failure as an outcome. The disk, a bad argument, an abort: nothing that another attempt could mend. */
function failureOf(error: unknown): TransportError {
  if (!isTransportError(error)) throw error;
  return error;
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
