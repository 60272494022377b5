export type { CredentialProvider, Credentials, PostCondition } from '@s3kit/sigv4';
export { bucketConfigurations } from './bucket-configurations.ts';
export type { Bytes } from './bytes.ts';
export type { ChecksumSetting } from './checksum-settings.ts';
export { loadConfig } from './config.ts';
export { ConfigError, isConfigError } from './config-error.ts';
export type {
  CorsDocument,
  EncryptionDocument,
  LegalHoldDocument,
  LifecycleDocument,
  LifecycleFilter,
  NotificationDocument,
  NotificationTarget,
  OwnershipControlsDocument,
  PublicAccessBlockDocument,
  ReplicationDocument,
  RetentionDocument,
  TagElement,
  TaggingDocument,
  VersioningDocument,
  WebsiteDocument,
} from './configuration-documents.ts';
export type { ConfigurationFamily, ConfigurationVerb } from './configuration-family.ts';
export type {
  BucketConfigurationMethods,
  DeleteOptions,
  GetOptions,
  ObjectConfigurationMethods,
  OfVersion,
  SetOptions,
} from './configuration-types.ts';
export {
  Connection,
  type ConnectionSettings,
  type S3Answer,
  type S3Call,
  type S3ConnectionRuntime,
} from './connection.ts';
export type {
  PayloadSigning,
  RetryConfig,
  S3ConnectionConfig,
  S3ConnectionConfigInSnakeCase,
  S3ConnectionInput,
} from './connection-config.ts';
export { getContentMd5 } from './content-md5.ts';
export type { DeletedName, DeleteManyOptions, NameToDelete } from './delete-many.ts';
export type { AddressingStyle, Endpoint } from './endpoint.ts';
export { isInvalidArgument, type S3ErrorDocument } from './errors.ts';
export type {
  AttemptTiming,
  EndEvent,
  ErrorEvent,
  ReportedCall,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
  S3Events,
  S3Listener,
} from './events.ts';
export { S3Facts, type S3FactsTable } from './facts.ts';
export type { Metadata, RequestHeaders } from './headers.ts';
export {
  type HeaderRecord,
  type HttpRequest,
  type HttpResponse,
  isTransportError,
  type ReadableFile,
  type RequestBody,
  type Transport,
  TransportError,
  type TransportResponse,
} from './http.ts';
export type { JournalPlace } from './journal-place.ts';
export type { S3Limits } from './limits.ts';
export type { BucketListOptions, ListKeysOptions } from './listing.ts';
export { lockJournal } from './lock-journal.ts';
export type { FileAttributes } from './node/atomic-file.ts';
export type { NodeAgent, NodeTransportOptions } from './node/node-transport.ts';
export type { ObjectHead } from './object-head.ts';
export { headersOf } from './object-options.ts';
export type { ByteRange, OpenOptions } from './open-object.ts';
export type {
  CopySourceOptions,
  CustomerEncryption,
  HeaderOptions,
  ObjectDeleteOptions,
  ObjectLock,
  ObjectReadOptions,
  ObjectWriteOptions,
  ReadConditions,
  RequestOptions,
  ServerSideEncryption,
} from './option-types.ts';
export { Paged } from './paged.ts';
export type { PresignedPost, PresignPostOptions } from './post-form.ts';
export type { CallWatch, ProgressListener, TransferProgress } from './progress.ts';
export { promptly } from './promptly.ts';
export type { QueryParameters } from './query.ts';
export { type BucketRequestOptions, BucketS3Request } from './requests/bucket.ts';
export {
  type ConfigurationRequestOptions,
  ConfigurationS3Request,
  readConfiguration,
} from './requests/configuration.ts';
export { type CopyOptions, CopyS3Request } from './requests/copy.ts';
export { DeleteS3Request } from './requests/delete.ts';
export { ExistsS3Request, type MetadataS3Response } from './requests/exists.ts';
export { OpenS3Request, type OpenS3Response, type ReadableObject } from './requests/open.ts';
export { type ReadOptions, ReadS3Request } from './requests/read.ts';
export { S3Request, type SendOptions } from './requests/s3-request.ts';
export { UpdateMetadataS3Request } from './requests/update-metadata.ts';
export { type PartOptions, WriteS3Request } from './requests/write.ts';
export {
  checkResponse,
  checkResponseOk,
  getJsonContent,
  getXmlContent,
  type RespondingMethod,
  type ResponseHolder,
  S3Response,
} from './responses.ts';
export { S3Connection } from './s3-connection.ts';
export { type RemoteName, S3Name } from './s3-name.ts';
export type { RecordFormat, SelectOptions, SelectStats } from './select.ts';
export type { S3Service, ServiceName, ServicePreset } from './services.ts';
export type { WriteSource } from './sources.ts';
export {
  type AbortUploadsOptions,
  type BucketCreateOptions,
  type BucketGetOptions,
  type CallOptions,
  type ListingOptions,
  type ListUploadsOptions,
  type ListVersionsOptions,
  type PresignOptions,
  type RawRequest,
  type ReadStreamOptions,
  type RenameOptions,
  type RestoreOptions,
  Storage,
  type UploadOptions,
  type WriteOptions,
} from './storage.ts';
export type { StorageCall, StorageCalls, WithResponse } from './storage-calls.ts';
export { isStorageError, StorageError } from './storage-error.ts';
export { S3Bucket, S3Key, S3Owner, S3Part, S3Upload, S3UploadedPart, S3Version } from './values.ts';
export { createFetchTransport, type FetchTransportOptions } from './web/fetch-transport.ts';
