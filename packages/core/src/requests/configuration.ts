import { tagName, type XmlObject } from '@s3kit/xml/light';
import type { FamilyDetails } from '../configuration-family.ts';
import type { Connection, S3Answer } from '../connection.ts';
import { getContentMd5 } from '../content-md5.ts';
import { toDocument } from '../documents.ts';
import { invalidArgument } from '../errors.ts';
import type { RequestHeaders } from '../headers.ts';
import { bytesBody } from '../http.ts';
import { type QueryParameters, queryPairs } from '../query.ts';
import { readJson, type S3Response, toS3Response } from '../responses.ts';
import { s3Uri } from '../s3-uri.ts';
import { getSubresource } from '../subresource.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

// The subresources that a connection's service has shown to know, of those that not every service does.
const knownBy = new WeakMap<Connection, Set<string>>();

/** What a request about a configuration asks. */
export interface ConfigurationRequestOptions {
  readonly verb: 'get' | 'set' | 'delete' | 'list';
  readonly family: FamilyDetails;
  readonly bucket: string;
  /** Without it, the bucket's own configuration is meant. */
  readonly key?: string | undefined;
  /** Which of several, in families that have ids. */
  readonly id?: string | undefined;
  readonly params?: QueryParameters | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly data?: string | object | undefined;
}

const amazonHost = /(^|\.)amazonaws\.com(\.cn)?(:\d+)?$/;

/**
 * Gets, sets or deletes a configuration of a bucket or an object.
 *
 * Some services overlook a subresource that they do not know: Ceph's gateway takes `DELETE ?encryption` for the deletion of the
 * bucket (seen with 16.2). So before the first change of a family that not every service knows, the service is asked for what it
 * has of it, and must answer as one that knows.
 */
export class ConfigurationS3Request extends S3Request {
  readonly #options: ConfigurationRequestOptions;

  constructor(connection: Connection, options: ConfigurationRequestOptions) {
    super(connection);
    this.#options = options;
    const { known } = options.family;
    if (known === 'amazon' && !amazonHost.test(connection.endpoint)) throw unknownTo(connection, options);
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const { connection } = this;
    const { verb, family, headers = {}, data = '' } = this.#options;
    if (verb === 'get' || verb === 'list') return this.#response(await this.#get(headers, signal));
    const refusal = await this.#ask(signal);
    if (refusal !== undefined) return this.#response(refusal);
    if (verb === 'delete') {
      return this.#response(await connection.send({ ...this.#call(), method: 'DELETE', headers, signal }));
    }
    const document = toDocument(data, family);
    const answer = await connection.send({
      ...this.#call(),
      method: family.setBy ?? 'PUT',
      // S3 wants a digest of most of these documents, and MD5 is the one that every service knows.
      headers: { 'content-md5': getContentMd5(document), ...headers },
      body: bytesBody(document),
      signal,
    });
    return this.#response(answer);
  }

  /** Asks a service whether it knows the family; gives its answer where that is a refusal. */
  async #ask(signal: AbortSignal | undefined): Promise<S3Answer | undefined> {
    const { connection } = this;
    const { family, key, headers = {} } = this.#options;
    if (family.known !== 'asked' || amazonHost.test(connection.endpoint)) return undefined;
    const name = `${key === undefined ? 'bucket' : 'object'} ${family.subresource}`;
    const known = knownBy.get(connection) ?? new Set();
    if (known.has(name)) return undefined;
    // Of the headers of the change itself, only these have a meaning here.
    const answer = await this.#get(askingHeaders(headers), signal);
    if (answer.error === undefined) {
      if ((await documentIn(answer.response.body, family)) === undefined)
        throw unknownTo(connection, this.#options);
    } else if (!family.none?.includes(answer.error.code)) return answer;
    knownBy.set(connection, known.add(name));
    return undefined;
  }

  #get(headers: RequestHeaders, signal: AbortSignal | undefined): Promise<S3Answer> {
    const errorInside200 = this.#options.family.format === 'xml';
    return getSubresource(this.connection, { ...this.#call(), headers, errorInside200, signal });
  }

  #call(): { bucket: string; key: string | undefined; query: QueryParameters } {
    // As in `BucketS3Request`: undefined is not the service.
    const { family, bucket = '', key, id, params = {} } = this.#options;
    const query = Object.fromEntries([
      [family.subresource, ''],
      ...(family.id === undefined || id === undefined ? [] : [[family.id, id]]),
      ...queryPairs(params),
    ]);
    return { bucket, key, query };
  }

  #response(answer: S3Answer): S3Response | Promise<S3Response> {
    return toS3Response(this.connection, s3Uri(this.#options.bucket, this.#options.key), answer);
  }
}

/** Whose the bucket must be and who pays holds for the question too. */
function askingHeaders(headers: RequestHeaders): RequestHeaders {
  const wanted = ['x-amz-expected-bucket-owner', 'x-amz-request-payer'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => wanted.includes(name.toLowerCase())));
}

function unknownTo(connection: Connection, { family, bucket, key }: ConfigurationRequestOptions): Error {
  const subject = s3Uri(bucket, key);
  return Object.assign(
    new Error(
      `${subject}: the service at ${connection.endpoint} does not know the subresource ${family.subresource}, and could take the request for one about the ${key === undefined ? 'bucket' : 'object'} itself`,
    ),
    { code: 'NotImplemented' },
  );
}

/** The XML document in a body; undefined where it is not one of the family. */
async function documentIn(
  body: string,
  { root, alias, lists = [] }: FamilyDetails,
): Promise<XmlObject | undefined> {
  const { parseXml } = await import('../xml.ts');
  let document: XmlObject;
  try {
    document = parseXml(body, { lists, attributes: 'drop-default-namespace' });
  } catch (error) {
    if (root === undefined) throw error;
    return undefined;
  }
  const [tag = ''] = Object.keys(document);
  if (root === undefined || tagName(tag) === root) return document;
  return tagName(tag) === alias ? { [root]: document[tag] ?? '' } : undefined;
}

/**
 * What a family's answer holds.
 *
 * @throws {Error} it is an answer to something else, by a service that does not know the family
 */
export async function readConfiguration(result: S3Response, family: FamilyDetails): Promise<unknown> {
  const body = result.response?.body ?? '';
  if (family.format === 'json') return readJson(result);
  if (family.format === 'text') return body;
  const document = await documentIn(body, family);
  if (document === undefined) {
    const code = { code: 'NotImplemented' };
    throw Object.assign(new Error(`the service does not know the subresource ${family.subresource}`), code);
  }
  return document;
}

/** Refuses what can name none of several configurations. */
export function checkId(id: unknown, family: FamilyDetails): asserts id is string {
  if (typeof id !== 'string' || id === '') {
    throw invalidArgument(`the ${family.id} of the ${family.subresource} must be a text that is not empty`);
  }
}
