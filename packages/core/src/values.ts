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

/** A bucket, as a list of buckets tells of it. All attributes are strings, as S3 sends them. */
export class S3Bucket {
  readonly name: string;
  /** ISO 8601. */
  readonly creationDate: string;

  /** @param element - the content of a `<Bucket>` tag */
  constructor(element: Element = {}) {
    this.name = textOf(element, 'Name');
    this.creationDate = textOf(element, 'CreationDate');
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
    this.owner = new S3Owner(typeof owner === 'object' && owner !== null ? (owner as Element) : {});
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
