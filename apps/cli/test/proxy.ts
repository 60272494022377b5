import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy that opens tunnels (`CONNECT`), and knows a host that no name server does. */
export interface TunnelProxy {
  readonly url: string;
  /** Where it was asked to lead to. */
  readonly targets: readonly string[];
  close(): void;
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc9110#name-connect} */
export async function tunnelProxy(hosts: Readonly<Record<string, string>> = {}): Promise<TunnelProxy> {
  const targets: string[] = [];
  const open = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '' }, client) => {
    targets.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const onward = connect(Number(port), hosts[hostname] ?? hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    targets,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
