import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const worker = `import { selfCheck } from 'check';
export default {
  async fetch(request) {
    try {
      return Response.json({ passed: await selfCheck(new URL(request.url).searchParams.get('endpoint')) });
    } catch (error) {
      return Response.json({ failed: String(error?.stack ?? error) });
    }
  },
};
`;

const configuration = (port, module) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs"), (name = "check", esModule = embed "${module}")],
  compatibilityDate = "2026-06-01",
);
`;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Runs a bundled check in the runtime of Cloudflare's Workers.
 *
 * @param {string} binary
 * @param {string} module - path of the bundle
 * @param {string} endpoint
 * @returns {Promise<string[]>} what passed
 */
export async function inWorkerd(binary, module, endpoint) {
  const home = await mkdtemp(join(tmpdir(), 's3kit-workerd-'));
  const port = await freePort();
  await writeFile(join(home, 'worker.mjs'), worker);
  await writeFile(join(home, 'config.capnp'), configuration(port, relative(home, module)));
  const child = spawn(binary, ['serve', join(home, 'config.capnp')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  try {
    const url = `http://127.0.0.1:${port}/?endpoint=${encodeURIComponent(endpoint)}`;
    for (let tries = 1; ; tries++) {
      const answer = await fetch(url).catch(() => undefined);
      if (answer !== undefined) {
        const { passed, failed } = await answer.json();
        if (passed === undefined) throw new Error(failed);
        return passed;
      }
      if (tries === 100 || child.exitCode !== null) throw new Error(`workerd does not answer: ${complaints}`);
      await setTimeout(100);
    }
  } finally {
    child.kill();
    await rm(home, { recursive: true, force: true });
  }
}
