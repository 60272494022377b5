import { Signer } from '@s3kit/sigv4';
import { parseXml } from '@s3kit/xml/light';
import { BoundedMap } from './bounded-map.ts';
import type { Outcome, Refusal } from './connection.ts';
import { childOf, textIn } from './elements.ts';

/** What signs the requests to a directory bucket. */
interface ExpressSession {
  readonly signer: Signer;
  /** Goes with each request, as `x-amz-s3session-token`. */
  readonly token: string;
  /** In milliseconds since 1970, by the service's clock. */
  readonly expires: number;
}

/** A session, or the answer that refused it. */
export type SessionOutcome = { readonly session: ExpressSession } | { readonly refusal: Refusal };

// Milliseconds: a session lasts five minutes, and a request that it signs takes its time.
const refreshBefore = 60_000;

/**
 * The sessions of directory buckets: one for each, made when it is needed, and made anew a minute before it ends. Requests that
 * come meanwhile wait for the same.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html}
 */
export class ExpressSessions {
  readonly #create: (bucket: string) => Promise<Outcome>;
  readonly #now: () => number;
  readonly #sessions: BoundedMap<string, Promise<SessionOutcome>> = new BoundedMap(100);

  /**
   * @param create - calls CreateSession
   * @param now - the service's clock
   */
  constructor(create: (bucket: string) => Promise<Outcome>, now: () => number) {
    this.#create = create;
    this.#now = now;
  }

  async get(bucket: string, region: string): Promise<SessionOutcome> {
    const kept = this.#sessions.get(bucket);
    const outcome = await kept?.catch(() => undefined);
    if (
      outcome !== undefined &&
      'session' in outcome &&
      outcome.session.expires - this.#now() > refreshBefore
    )
      return outcome;
    // Who waited for the same one may have been faster.
    const newer = this.#sessions.get(bucket);
    if (newer !== undefined && newer !== kept) return newer;
    const made = this.#make(bucket, region);
    this.#sessions.set(bucket, made);
    return made;
  }

  /** Forgets a session that was refused; true where it was still the one in use. */
  async forget(bucket: string): Promise<boolean> {
    const outcome = await this.#sessions.get(bucket)?.catch(() => undefined);
    if (outcome === undefined || !('session' in outcome)) return false;
    this.#sessions.delete(bucket);
    return true;
  }

  async #make(bucket: string, region: string): Promise<SessionOutcome> {
    const { response, error } = await this.#create(bucket);
    if (error !== undefined) return { refusal: { response, error } };
    const document = parseXml(response.body, { attributes: 'drop-default-namespace', lists: [] });
    const keys = childOf(childOf(document, 'CreateSessionResult'), 'Credentials');
    const accessKeyId = textIn(keys, 'AccessKeyId') ?? '';
    const secretAccessKey = textIn(keys, 'SecretAccessKey') ?? '';
    const token = textIn(keys, 'SessionToken') ?? '';
    const expires = Date.parse(textIn(keys, 'Expiration') ?? '');
    if (accessKeyId === '' || secretAccessKey === '' || token === '' || Number.isNaN(expires))
      throw new Error(`${bucket}: S3 gave no session`);
    const credentials = { accessKeyId, secretAccessKey };
    return { session: { signer: new Signer({ service: 's3express', region, credentials }), token, expires } };
  }
}
