/** The text elements of an XML tag, as S3 sends them. */
type Element = Readonly<Record<string, unknown>>;

function textOf(element: Element, tag: string): string {
  const value = element[tag];
  return typeof value === 'string' ? value : '';
}

/** Who owns an object or a bucket. */
export class S3Owner {
  readonly id: string;
  /** Empty where S3 gives none, as in most regions today. */
  readonly displayName: string;

  /** @param element - the content of an `<Owner>` tag */
  constructor(element: Element = {}) {
    this.id = textOf(element, 'ID');
    this.displayName = textOf(element, 'DisplayName');
  }
}

const nobody: S3Owner = /* @__PURE__ */ new S3Owner();

/** A bucket, as a list of buckets tells of it. All attributes are strings, as S3 sends them. */
export class S3Bucket {
  readonly name: string;
  /** ISO 8601. */
  readonly creationDate: string;
  /** Empty where the list does not tell, as without the option `region`, `prefix` or `maxBuckets`. */
  readonly region: string;

  /** @param element - the content of a `<Bucket>` tag */
  constructor(element: Element = {}) {
    this.name = textOf(element, 'Name');
    this.creationDate = textOf(element, 'CreationDate');
    this.region = textOf(element, 'BucketRegion');
  }

  /** `creationDate` as a `Date`. */
  get createdAt(): Date {
    return new Date(this.creationDate);
  }
}

/** An object, as a listing tells of it. All attributes but `owner` are strings, as S3 sends them. */
export class S3Key {
  readonly key: string;
  /** ISO 8601. */
  readonly lastModified: string;
  /** In double quotes, as S3 sends it. */
  readonly eTag: string;
  /** Bytes, in decimal digits. */
  readonly size: string;
  /** Empty attributes where the listing named no owner. */
  readonly owner: S3Owner;
  readonly storageClass: string;

  /** @param element - the content of a `<Contents>` tag; `Key` is taken as it is */
  constructor(element: Element = {}) {
    this.key = textOf(element, 'Key');
    this.lastModified = textOf(element, 'LastModified');
    this.eTag = textOf(element, 'ETag');
    this.size = textOf(element, 'Size');
    const owner = element['Owner'];
    this.owner = typeof owner === 'object' && owner !== null ? new S3Owner(owner as Element) : nobody;
    this.storageClass = textOf(element, 'StorageClass');
  }

  /** `size` as a number of bytes. */
  get bytes(): number {
    return Number(this.size);
  }

  /** `lastModified` as a `Date`. */
  get modifiedAt(): Date {
    return new Date(this.lastModified);
  }
}

/** One part of a multipart upload that S3 has. */
export class S3Part {
  /** From 1 to `S3Facts.maximumPartNumber`. */
  readonly partNumber: number;
  /** As S3 gave it when the part was sent. */
  readonly eTag: string;

  constructor(partNumber: number, eTag: string) {
    this.partNumber = partNumber;
    this.eTag = eTag;
  }
}

/** A version of an object, or the marker of its deletion, as a listing tells of it. */
export class S3Version extends S3Key {
  /** `null` for one that was written while no versions were kept. */
  readonly versionId: string;
  readonly isLatest: boolean;
  /** Whether it says that the object was deleted; such a one has no ETag, size and storage class. */
  readonly isDeleteMarker: boolean;

  /** @param element - the content of a `<Version>` or `<DeleteMarker>` tag; `Key` is taken as it is */
  constructor(element: Element = {}, isDeleteMarker: boolean = false) {
    super(element);
    this.versionId = textOf(element, 'VersionId');
    this.isLatest = textOf(element, 'IsLatest') === 'true';
    this.isDeleteMarker = isDeleteMarker;
  }
}

/** A multipart upload that was neither completed nor aborted. All attributes are strings, as S3 sends them. */
export class S3Upload {
  readonly key: string;
  readonly uploadId: string;
  /** When it was created; ISO 8601. */
  readonly initiated: string;
  readonly storageClass: string;

  /** @param element - the content of an `<Upload>` tag; `Key` is taken as it is */
  constructor(element: Element = {}) {
    this.key = textOf(element, 'Key');
    this.uploadId = textOf(element, 'UploadId');
    this.initiated = textOf(element, 'Initiated');
    this.storageClass = textOf(element, 'StorageClass');
  }

  /** `initiated` as a `Date`. */
  get initiatedAt(): Date {
    return new Date(this.initiated);
  }
}

/** A part of an upload, as a listing tells of it. */
export class S3UploadedPart extends S3Part {
  /** Bytes, in decimal digits. */
  readonly size: string;
  /** ISO 8601. */
  readonly lastModified: string;

  /** @param element - the content of a `<Part>` tag */
  constructor(element: Element = {}) {
    super(Number(textOf(element, 'PartNumber')), textOf(element, 'ETag'));
    this.size = textOf(element, 'Size');
    this.lastModified = textOf(element, 'LastModified');
  }

  /** `size` as a number of bytes. */
  get bytes(): number {
    return Number(this.size);
  }

  /** `lastModified` as a `Date`. */
  get modifiedAt(): Date {
    return new Date(this.lastModified);
  }
}
