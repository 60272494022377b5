import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Exchange } from './exchange.ts';
import type { Schedule } from './faults.ts';
import type { RequestHead } from './http-heads.ts';
import { ProxiedConnection } from './proxied-connection.ts';
import { labelOf } from './schedule.ts';

/** What {@link startFaultProxy} is given. */
export interface FaultProxyOptions {
  /** The port of the service, on this machine, without TLS. */
  readonly targetPort: number;
  /** What happens to each request. */
  readonly schedule: Schedule;
}

/** A running proxy. */
export interface FaultProxy {
  /** The address for clients: `127.0.0.1:port`. */
  readonly host: string;
  readonly port: number;
  /** Every request so far, in the order in which they came. */
  readonly exchanges: readonly Exchange[];
  /** Resolves when no connection is left, the service has answered all that it got whole, and new ones are taken again. */
  settled(): Promise<void>;
  /** Cuts what is under way, and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a TCP proxy on this machine that fails as a schedule says.
 *
 * It understands HTTP just enough to tell requests apart; the bytes that pass are those that were sent.
 */
export async function startFaultProxy({ targetPort, schedule }: FaultProxyOptions): Promise<FaultProxy> {
  const exchanges: Exchange[] = [];
  const occurrences = new Map<string, number>();
  const connections = new Map<ProxiedConnection, Promise<void>>();
  let server = await listen(0, accept);
  let refusal: Promise<void> | undefined;
  let closed = false;
  // Cast: a server that listens on TCP has an address of this form.
  const { port } = server.address() as AddressInfo;

  function accept(connection: ProxiedConnection): void {
    const ended = connection.serve().finally(() => connections.delete(connection));
    connections.set(connection, ended);
  }

  const host = {
    targetPort,
    begin(request: RequestHead): Exchange {
      const label = labelOf(request.method, request.target);
      const occurrence = occurrences.get(label) ?? 0;
      occurrences.set(label, occurrence + 1);
      const seen = { ...request, occurrence };
      const exchange = new Exchange(seen, schedule(seen));
      exchanges.push(exchange);
      return exchange;
    },
    refuse(milliseconds: number): void {
      refusal ??= refuseFor(milliseconds);
    },
  };

  async function refuseFor(milliseconds: number): Promise<void> {
    server.close();
    for (const connection of connections.keys()) connection.reset();
    await sleep(milliseconds);
    if (!closed) server = await listenAgain(port, accept);
    refusal = undefined;
  }

  async function listen(
    onPort: number,
    onConnection: (connection: ProxiedConnection) => void,
  ): Promise<Server> {
    const listening = createServer((socket) => onConnection(new ProxiedConnection(host, socket)));
    listening.listen(onPort, '127.0.0.1');
    await once(listening, 'listening');
    return listening;
  }

  /** The port can be taken for a moment by an outgoing connection of anybody. */
  async function listenAgain(
    onPort: number,
    onConnection: (connection: ProxiedConnection) => void,
  ): Promise<Server> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await listen(onPort, onConnection);
      } catch (error) {
        if (attempt === 100) throw error;
        await sleep(10);
      }
    }
  }

  async function settled(): Promise<void> {
    while (connections.size > 0 || refusal !== undefined)
      await Promise.all([...connections.values(), refusal]);
  }

  return {
    host: `127.0.0.1:${port}`,
    port,
    exchanges,
    settled,
    async close() {
      closed = true;
      await refusal;
      server.close();
      for (const connection of connections.keys()) connection.reset();
      await settled();
    },
  };
}
