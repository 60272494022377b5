import type http from 'node:http';
import type https from 'node:https';
import process from 'node:process';
import type { Duplex } from 'node:stream';
import { CredentialsError } from './credentials-error.ts';
import { type Environment, variable } from './environment.ts';

/** One agent for each protocol, as `http.request` and `https.request` take them. */
export interface HttpAgents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}

/** Agents for one protocol or both; Node's own for what is not given. */
export type SomeAgents = { readonly [Name in keyof HttpAgents]?: HttpAgents[Name] | undefined };

/** What `proxyAgents` takes. */
export interface ProxyOptions {
  /** Variables in place of `process.env`. @default process.env */
  readonly environment?: Environment | undefined;
  /** Certificates of authorities to trust instead of the system's, in PEM. */
  readonly certificateAuthorities?: string | undefined;
  /** Most connections at a time to one host. @default 64 */
  readonly maximumConnections?: number | undefined;
}

/** The proxies that the environment sets, and the hosts that are reached without. */
export interface ProxySettings {
  readonly http: URL | undefined;
  readonly https: URL | undefined;
  readonly noProxy: string | undefined;
}

/** A variable by its name in lower case, which comes first, or in upper case. */
function either(environment: Environment, name: string): string | undefined {
  return variable(environment, name) ?? variable(environment, name.toUpperCase());
}

/**
 * The proxies that the environment sets: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` for both, and `NO_PROXY`, in lower case
 * or upper case.
 *
 * @throws {CredentialsError} a proxy that is no http or https URL; the message does not repeat it, as it may hold a password
 */
export function proxySettings(environment: Environment): ProxySettings {
  const read = (name: string): URL | undefined => {
    const given = either(environment, name) ?? either(environment, 'all_proxy');
    if (given === undefined) return undefined;
    const text = given.includes('://') ? given : `http://${given}`;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      throw new CredentialsError(`${name.toUpperCase()} must be the http or https URL of a proxy`);
    return url;
  };
  return {
    http: read('http_proxy'),
    https: read('https_proxy'),
    noProxy: either(environment, 'no_proxy'),
  };
}

/**
 * Whether a host is reached without a proxy: `NO_PROXY` lists hosts, domains (`.example.com`, which are also meant
 * without the period), with a port if only that is meant; `*` is all.
 */
export function isWithoutProxy(noProxy: string | undefined, hostname: string, port: number): boolean {
  const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return (noProxy ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', portText] = /^\*?\.?(\[[^\]]+\]|[^:]+|[^:]*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === '' || (portText !== undefined && Number(portText) !== port)) return false;
      const domain = name.replace(/^\[(.*)\]$/, '$1');
      return host === domain || host.endsWith(`.${domain}`);
    });
}

/**
 * The proxy by which the environment has a URL reached; undefined where it is reached without.
 *
 * @throws {CredentialsError} a proxy that is no http or https URL
 */
export function proxyOf(url: URL, environment: Environment = process.env): URL | undefined {
  const { http, https, noProxy } = proxySettings(environment);
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  return isWithoutProxy(noProxy, url.hostname, port) ? undefined : isSecure ? https : http;
}

/** The method by which an agent opens a connection; Node documents it, its types leave it out. */
interface Connects {
  createConnection(target: http.RequestOptions, done: Done): unknown;
}

type Done = (error: Error | null, socket?: Duplex) => void;

/** A failure on the way through the proxy, which says so: the service is not at fault. */
function explained(proxy: URL, done: Done): Done {
  return (error, socket) => {
    if (error === null || error === undefined) return done(null, socket);
    const status = /^Bad response: (\d+)$/.exec(error.message)?.[1];
    const problem = status === undefined ? error.message : `it answered ${status}`;
    done(
      Object.assign(new Error(`no way through the proxy ${proxy.host}: ${problem}`, { cause: error }), {
        code: 'ERR_S3KIT_PROXY',
      }),
    );
  };
}

/** Has an agent of `hpagent` go straight to the hosts that need no proxy. */
function withExceptions<Agent extends http.Agent>(
  agent: Agent,
  proxy: URL,
  noProxy: string | undefined,
  own: { readonly prototype: http.Agent; readonly port: number },
): Agent {
  // Node calls it for each new connection, and documents that it may be replaced.
  const opener = agent as unknown as Connects;
  const tunnel = opener.createConnection.bind(agent);
  const straight = (own.prototype as unknown as Connects).createConnection.bind(agent);
  opener.createConnection = (target, done) =>
    isWithoutProxy(noProxy, target.host ?? 'localhost', Number(target.port ?? own.port))
      ? straight(target, done)
      : tunnel(target, explained(proxy, done));
  // Whoever prints a configuration is not shown the proxy's password.
  return Object.defineProperty(agent, 'proxy', { enumerable: false });
}

/**
 * Agents that reach hosts by way of the proxies that the environment sets; undefined where it sets none.
 *
 * Everything goes through a tunnel (`CONNECT`), HTTPS and HTTP alike: the proxy passes on what was signed, byte for byte, and
 * of HTTPS it sees no more than the host's name. A proxy's user and password stand in its URL.
 *
 * @throws {CredentialsError} a proxy that is no http or https URL
 * @example
 * const agents = await proxyAgents();
 * const connection = new S3Connection(config, { ...agents });
 */
export async function proxyAgents(options: ProxyOptions = {}): Promise<HttpAgents | undefined> {
  const settings = proxySettings(options.environment ?? process.env);
  if (settings.http === undefined && settings.https === undefined) return undefined;
  // Mostly there is no proxy, and they take milliseconds to load.
  const [http, https] = [process.getBuiltinModule('node:http'), process.getBuiltinModule('node:https')];
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  const common = {
    keepAlive: true,
    maxSockets: options.maximumConnections ?? 64,
    scheduling: 'lifo' as const,
  };
  const trust =
    options.certificateAuthorities === undefined ? common : { ...common, ca: options.certificateAuthorities };
  const { http: forHttp, https: forHttps, noProxy } = settings;
  return {
    httpAgent:
      forHttp === undefined
        ? new http.Agent(common)
        : withExceptions(new HttpProxyAgent({ ...common, proxy: forHttp }), forHttp, noProxy, {
            prototype: http.Agent.prototype,
            port: 80,
          }),
    httpsAgent:
      forHttps === undefined
        ? new https.Agent(trust)
        : withExceptions(new HttpsProxyAgent({ ...trust, proxy: forHttps }), forHttps, noProxy, {
            prototype: https.Agent.prototype,
            port: 443,
          }),
  };
}
