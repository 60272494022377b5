/** Where a gateway lives; every field has a default, and a second gateway needs its own of each. */
export interface GatewayOptions {
  /**
   * The folder for everything it writes; 60 characters at most, since it holds sockets.
   *
   * @default `s3kit-gateway` in the system's temporary folder
   */
  folder?: string;
  /** Port for HTTP on 127.0.0.1. @default 7580 */
  port?: number;
  /** Port for HTTPS on 127.0.0.1. @default 7543 */
  tlsPort?: number;
  /** Port of the cluster's monitor on 127.0.0.1. @default 6790 */
  monitorPort?: number;
  /** Seconds that count as one day of a lifecycle rule; without it, a day is a day. */
  lifecycleDaySeconds?: number;
  /** Told each step, as one line without a line feed. @default nothing is told */
  log?: (line: string) => void;
}

/** The keys of one of its users. They are made up, and open nothing but this gateway. */
export interface GatewayUser {
  userId: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** What a client has to know. */
export interface Gateway extends GatewayUser {
  endpoint: string;
  tlsEndpoint: string;
  /** The certificate of the authority that signed the one for HTTPS; PEM. */
  caFile: string;
  region: string;
  /** Buckets are `bucket.localhost` over HTTP... */
  dnsName: string;
  /** ...and `bucket.s3.test` over HTTPS, since a wildcard of one label is not taken by many clients. */
  tlsDnsName: string;
  websiteDnsName: string;
  /** A role that the user (not `alt`) may assume by STS. */
  roleArn: string;
  /** The one key that SSE-KMS knows. */
  kmsKeyId: string;
  /** A second user, who has no rights to what the first one makes. */
  alt: GatewayUser;
}

/** What runs: the process id of each daemon, or null; and whether S3 answers. */
export interface GatewayStatus {
  mon: number | null;
  osd: number | null;
  rgw: number | null;
  answers: boolean;
}

/**
 * Starts the gateway if it is not up, and resolves when S3 answers. Installs Debian's packages where they are missing.
 *
 * Data live in memory: a gateway that was stopped begins empty.
 *
 * @throws {Error} packages are missing and this is not root; a port is taken; a daemon died (with the end of its log)
 */
export function startGateway(options?: GatewayOptions): Promise<Gateway>;

/** Stops the daemons that {@link startGateway} started in this folder, and no others; with `wipe`, removes the folder. */
export function stopGateway(options?: GatewayOptions & { wipe?: boolean }): Promise<void>;

/** Says what runs; starts nothing. */
export function gatewayStatus(options?: GatewayOptions): Promise<GatewayStatus>;

/** What {@link startGateway} resolves to; starts nothing. */
export function describeGateway(options?: GatewayOptions): Gateway;
