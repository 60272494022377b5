#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { describeGateway, gatewayStatus, startGateway, stopGateway } from './src/index.mjs';
import { environmentLines } from './src/settings.mjs';

const usage = `usage: gateway.mjs [up|stop|status|env] [options]

  up       install what is missing, start the gateway, print what a client needs as JSON (default)
  stop     stop it; with --wipe, remove its folder too
  status   print what runs as JSON; exit status 0 only if S3 answers
  env      print what a client needs as NAME=value lines; start nothing

  --folder PATH  --port N  --tls-port N  --monitor-port N  --lifecycle-day SECONDS
`;

class UsageError extends Error {}

/** @returns {{ command: string, wipe: boolean, options: import('./src/index.mjs').GatewayOptions }} */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        folder: { type: 'string' },
        port: { type: 'string' },
        'tls-port': { type: 'string' },
        'monitor-port': { type: 'string' },
        'lifecycle-day': { type: 'string' },
        wipe: { type: 'boolean', default: false },
      },
    });
    const [command = 'up', ...others] = positionals;
    if (others.length > 0) throw new UsageError(`one command, please, not '${positionals.join(' ')}'`);
    const given = {
      folder: values.folder,
      port: numberOf(values.port),
      tlsPort: numberOf(values['tls-port']),
      monitorPort: numberOf(values['monitor-port']),
      lifecycleDaySeconds: numberOf(values['lifecycle-day']),
    };
    const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return { command, wipe: values.wipe, options: { ...options, log: say } };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string | undefined} text */
function numberOf(text) {
  return text === undefined ? undefined : Number(text);
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`gateway: ${line}\n`);
}

/** @param {unknown} value */
function print(value) {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

async function main() {
  const { command, wipe, options } = readArguments();
  if (command === 'up') {
    const start = performance.now();
    const gateway = await startGateway(options);
    say(`up after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    print(gateway);
  } else if (command === 'stop') {
    await stopGateway({ ...options, wipe });
  } else if (command === 'status') {
    const status = await gatewayStatus(options);
    print(status);
    if (!status.answers) process.exitCode = 1;
  } else if (command === 'env') {
    process.stdout.write(`${environmentLines(describeGateway(options)).join('\n')}\n`);
  } else {
    throw new UsageError(`there is no command '${command}'`);
  }
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError || error instanceof RangeError) process.stderr.write(usage);
  process.exitCode = error instanceof UsageError || error instanceof RangeError ? 2 : 1;
}
