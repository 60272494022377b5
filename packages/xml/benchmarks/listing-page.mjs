/** A page of a listing with 1,000 keys, as S3 sends it with owners: some 350 kB. */
export function listingPage() {
  const contents = Array.from({ length: 1000 }, (_, index) => {
    const number = String(index).padStart(8, '0');
    const etag = (index * 2654435761).toString(16).padStart(32, '0');
    return (
      `<Contents><Key>logs/2026/11/21/host-${index % 17}/part-${number}.json.gz</Key>` +
      `<LastModified>2026-11-21T0${index % 10}:${String(index % 60).padStart(2, '0')}:00.000Z</LastModified>` +
      `<ETag>&quot;${etag}&quot;</ETag><Size>${index * 977}</Size>` +
      '<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID>' +
      '<DisplayName>mtd@amazon.com</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>'
    );
  });
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    '<Name>bucket</Name><Prefix>logs/</Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>' +
    '<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>' +
    '<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>' +
    `${contents.join('')}</ListBucketResult>`
  );
}
