import { randomBytes } from 'node:crypto';
import type { SessionMode } from './directory-buckets.ts';

/** Keys that sign requests to one directory bucket, for a while. */
export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  /** Goes with each request. */
  token: string;
  bucket: string;
  mode: SessionMode;
  /** Access key id of the user who asked for it. */
  caller: string;
  /** Milliseconds since 1970. */
  expires: number;
}

/** Milliseconds, as {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html} has it. */
const lifetime = 300_000;

/** Milliseconds for which an ended session is told from one that never was. */
const remembered = 3_600_000;

/** The sessions of directory buckets. They end with the server: clients then ask for others. */
export class Sessions {
  readonly #sessions: Map<string, Session> = new Map();

  /** @param now - milliseconds since 1970 */
  open({ bucket, mode, caller }: Pick<Session, 'bucket' | 'mode' | 'caller'>, now: number): Session {
    // They are in the order in which they end.
    for (const [id, { expires }] of this.#sessions) {
      if (expires + remembered > now) break;
      this.#sessions.delete(id);
    }
    const session: Session = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      token: randomBytes(48).toString('base64'),
      bucket,
      mode,
      caller,
      expires: now + lifetime,
    };
    this.#sessions.set(session.accessKeyId, session);
    return session;
  }

  /** The session of an access key id, also one that has ended. */
  get(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }
}
