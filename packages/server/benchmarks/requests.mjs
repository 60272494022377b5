import { cpus } from 'node:os';
import process from 'node:process';
import { Contender } from './contender.mjs';

const seconds = Number(process.argv[2] ?? 2);
const rounds = 3;
const connections = 16;
const small = Buffer.alloc(1024, 'x');
const large = Buffer.alloc(256 * 1024 ** 2, 'large body ');

/** How often a second 16 connections get an answer. */
async function rate(work) {
  const end = performance.now() + seconds * 1000;
  const started = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        await work(count);
        count += 1;
      }
    }),
  );
  return count / ((performance.now() - started) / 1000);
}

/** Megabytes (10^6 bytes) a second of one transfer. */
async function throughput(work) {
  const started = performance.now();
  await work();
  return large.length / 1e6 / ((performance.now() - started) / 1000);
}

const measures = {
  'PUT 1 KB /s': (server) => rate((n) => server.send('PUT', `/bench/k${n % 1000}`, small)),
  'GET 1 KB /s': (server) => rate((n) => server.send('GET', `/bench/k${n % 100}`)),
  'PUT 256 MB MB/s': (server) => throughput(() => server.send('PUT', '/bench/large', large)),
  'GET 256 MB MB/s': (server) => throughput(() => server.send('GET', '/bench/large')),
};

const names = (process.argv[3] ?? 's3kit,s3rver').split(',');
const contenders = [];
for (const name of names) contenders.push(await Contender.start(name, connections));
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`);
for (const { name, milliseconds } of contenders) console.log(`${name}: start ${milliseconds.toFixed(0)} ms`);
for (const contender of contenders) {
  for (let n = 0; n < 1000; n += 1) await contender.send('PUT', `/bench/k${n}`, small);
}
for (const [measure, run] of Object.entries(measures)) {
  const results = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      const value = await run(contender).catch((error) => {
        console.log(String(error).slice(0, 200));
        return Number.NaN;
      });
      results.get(contender).push(value);
    }
  }
  const line = [...results].map(([{ name }, values]) => `${name} ${Math.max(...values).toFixed(0)}`);
  console.log(`${measure}: ${line.join(', ')}`);
}
for (const contender of contenders) await contender.stop();
