import { ownerOf } from './callers.ts';
import { readNotification } from './notification-configuration.ts';
import type { Settings } from './options.ts';
import { type BucketRecord, tables } from './records.ts';
import type { Store } from './store.ts';
import { tell } from './tell.ts';
import { matchesPattern } from './wildcards.ts';

/** What happened, before it is told. */
export interface StorageEvent {
  /** `ObjectCreated:Put` and the like, without `s3:`. */
  name: string;
  bucket: BucketRecord;
  key: string;
  /** Bytes. */
  size?: number;
  etag?: string;
  versionId?: string | undefined;
}

/**
 * A notification in the form in which S3 sends it, one record of `Records`.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html}
 */
export interface NotificationRecord {
  eventVersion: '2.1';
  eventSource: 'aws:s3';
  awsRegion: string;
  /** ISO 8601. */
  eventTime: string;
  eventName: string;
  userIdentity: { principalId: string };
  requestParameters: { sourceIPAddress: string };
  s3: {
    s3SchemaVersion: '1.0';
    /** The id of the bucket's configuration that asked for it. */
    configurationId: string;
    bucket: { name: string; ownerIdentity: { principalId: string }; arn: string };
    /** The key is URL-encoded, with `+` for a space. */
    object: { key: string; size?: number; eTag?: string; versionId?: string; sequencer: string };
  };
}

/** Tells what happens to objects, as the notification configuration of their bucket asks for it. */
export class Notifier {
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #now: () => Date;
  #sequence = 0;

  constructor(store: Store, settings: Settings, now: () => Date) {
    this.#store = store;
    this.#settings = settings;
    this.#now = now;
  }

  /** @param caller - access key id of whoever did it */
  notify(event: StorageEvent, caller: string, remoteAddress: string): void {
    const { onNotification } = this.#settings;
    if (!onNotification) return;
    for (const configurationId of this.#askedFor(event)) {
      void tell(onNotification, this.#record(event, configurationId, caller, remoteAddress));
    }
  }

  /** The ids of the bucket's configurations that want to know. */
  #askedFor({ bucket, name, key }: StorageEvent): string[] {
    // Cast: only this server writes the index.
    const text = this.#store.index.get(tables.configuration(bucket.id, 'notification')) as string | undefined;
    if (text === undefined) return [];
    return readNotification(text)
      .filter(
        ({ events, prefixes, suffixes }) =>
          events.some((pattern) => matchesPattern(`s3:${name}`, pattern)) &&
          prefixes.every((prefix) => key.startsWith(prefix)) &&
          suffixes.every((suffix) => key.endsWith(suffix)),
      )
      .map(({ id }) => id);
  }

  #record(
    { name, bucket, key, size, etag, versionId }: StorageEvent,
    configurationId: string,
    caller: string,
    sourceIPAddress: string,
  ): NotificationRecord {
    this.#sequence += 1;
    return {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: bucket.region,
      eventTime: this.#now().toISOString(),
      eventName: name,
      userIdentity: { principalId: ownerOf(caller).ID },
      requestParameters: { sourceIPAddress },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId,
        bucket: {
          name: bucket.name,
          ownerIdentity: { principalId: ownerOf(bucket.owner).ID },
          arn: `arn:aws:s3:::${bucket.name}`,
        },
        object: {
          key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
          ...(size === undefined ? {} : { size }),
          ...(etag === undefined ? {} : { eTag: etag }),
          ...(versionId === undefined || bucket.versioning === undefined ? {} : { versionId }),
          sequencer: this.#sequence.toString(16).toUpperCase().padStart(18, '0'),
        },
      },
    };
  }
}
