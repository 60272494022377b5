import http from 'node:http';
import https from 'node:https';
import process from 'node:process';
import { CredentialsError } from './credentials-error.ts';
import { type Environment, variable } from './environment.ts';

/** One agent for each protocol, as `http.request` and `https.request` take them. */
export interface HttpAgents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}

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

function authorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** What Node's own agents have, but its types do not say. */
interface AgentWithRequests {
  addRequest(request: http.ClientRequest, options: http.RequestOptions): void;
}

/**
 * Sends requests in the clear by way of a proxy, which is given the whole URL as the request target.
 *
 * The target is put together as text: a URL object would rewrite `/a/../b` after the request was signed.
 */
function forwardingAgent(proxy: URL, settings: ProxySettings, options: http.AgentOptions): http.Agent {
  const agent = new http.Agent(options);
  const own = agent as unknown as AgentWithRequests;
  const direct = own.addRequest.bind(agent);
  const credentials = authorization(proxy);
  own.addRequest = (request, target) => {
    const host = target.host ?? 'localhost';
    const port = Number(target.port ?? 80);
    if (isWithoutProxy(settings.noProxy, host, port)) return direct(request, target);
    request.path = `http://${String(request.getHeader('host'))}${request.path}`;
    if (credentials !== undefined) request.setHeader('proxy-authorization', credentials);
    const proxyHost = proxy.hostname.replace(/^\[(.*)\]$/, '$1');
    direct(request, { ...target, host: proxyHost, port: proxy.port || '80' });
  };
  return agent;
}

/**
 * Agents that reach hosts by way of the proxies that the environment sets; undefined where it sets none.
 *
 * HTTPS goes through a tunnel (`CONNECT`), so that the proxy sees the host's name, and nothing else. A proxy's user and
 * password stand in its URL.
 *
 * @throws {CredentialsError} a proxy that is no http or https URL
 * @example
 * const agents = await proxyAgents();
 * const connection = new S3Connection(config, { ...agents });
 */
export async function proxyAgents(options: ProxyOptions = {}): Promise<HttpAgents | undefined> {
  const settings = proxySettings(options.environment ?? process.env);
  if (settings.http === undefined && settings.https === undefined) return undefined;
  const common = {
    keepAlive: true,
    maxSockets: options.maximumConnections ?? 64,
    scheduling: 'lifo' as const,
  };
  const trust =
    options.certificateAuthorities === undefined ? common : { ...common, ca: options.certificateAuthorities };
  return {
    httpAgent:
      settings.http === undefined ? new http.Agent(common) : forwardingAgent(settings.http, settings, common),
    httpsAgent:
      settings.https === undefined
        ? new https.Agent(trust)
        : await tunnellingAgent(settings.https, settings, trust),
  };
}

async function tunnellingAgent(
  proxy: URL,
  settings: ProxySettings,
  options: https.AgentOptions,
): Promise<https.Agent> {
  const { HttpsProxyAgent } = await import('hpagent');
  const agent = new HttpsProxyAgent({ ...options, proxy });
  const own = agent as unknown as Connects;
  const tunnel = own.createConnection.bind(agent);
  const direct = (https.Agent.prototype as unknown as Connects).createConnection.bind(agent);
  own.createConnection = (target, done) =>
    isWithoutProxy(settings.noProxy, target.host ?? 'localhost', Number(target.port ?? 443))
      ? direct(target, done)
      : tunnel(target, done);
  return agent;
}

/** The method by which an agent opens a connection; Node documents it, its types leave it out. */
interface Connects {
  createConnection(target: http.RequestOptions, done: unknown): unknown;
}
