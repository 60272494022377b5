// One sample: one client, one workload, in a process of its own. Tells its figures to the process that started it.
import { once } from 'node:events';
import process from 'node:process';
import { contenders } from './contenders.mjs';
import { block, objectSize } from './objects.mjs';

const small = block.subarray(0, objectSize('small'));
const concurrency = 16;

const workloads = {
  async up(client, { file }) {
    return measured(() => client.upload(file, 'large'));
  },
  async down(client, { file }) {
    return measured(() => client.download('large', file));
  },
  async put(client, { cpuSeconds }) {
    return perRequest(cpuSeconds, () => client.put('small', small));
  },
  async get(client, { cpuSeconds }) {
    return perRequest(cpuSeconds, async () => {
      const bytes = await client.get('small');
      if (!small.equals(bytes)) throw new Error('the small object came back changed');
    });
  },
};

/** Takes a sample. */
export async function sample({ contender, workload, service, ...settings }) {
  const client = await contenders[contender].connect(service);
  const figures = await workloads[workload](client, settings);
  process.send({ ...figures, peakBytes: process.resourceUsage().maxRSS * 1024 });
  await once(process, 'disconnect');
  process.exit();
}

async function measured(action) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await action();
  return { cpuSeconds: cpuSince(cpu), wallSeconds: (performance.now() - started) / 1000 };
}

/** Makes requests side by side until they have cost so much, after a third of that to warm up. */
async function perRequest(cpuSeconds, request) {
  await repeat(cpuSeconds / 3, request);
  let count = 0;
  const { cpuSeconds: spent, wallSeconds } = await measured(async () => {
    count = await repeat(cpuSeconds, request);
  });
  return { cpuSeconds: spent / count, wallSeconds: wallSeconds / count };
}

async function repeat(cpuSeconds, request) {
  const cpu = process.cpuUsage();
  let count = 0;
  const lane = async () => {
    while (count % 64 !== 0 || cpuSince(cpu) < cpuSeconds) {
      count++;
      await request();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return count;
}

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
