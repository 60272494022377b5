import process from 'node:process';
import { Contender } from './contender.mjs';

const keys = Number(process.argv[2] ?? 1_000_000);
const connections = 64;
const server = await Contender.start('s3kit', connections);
console.log(`start ${server.milliseconds.toFixed(0)} ms, idle ${(await megabytes()).toFixed(0)} MB`);

let next = 0;
const empty = Buffer.alloc(0);
const started = performance.now();
await Promise.all(
  Array.from({ length: connections }, async () => {
    while (next < keys) {
      const n = next++;
      const key = `${String(n % 1000).padStart(4, '0')}/${String(n).padStart(8, '0')}`;
      await server.send('PUT', `/bench/${key}`, empty);
    }
  }),
);
const loaded = (performance.now() - started) / 1000;
console.log(`${keys} keys in ${loaded.toFixed(0)} s, ${(await megabytes()).toFixed(0)} MB`);

for (const [name, target] of [
  ['first page', '/bench?list-type=2'],
  ['page in the middle', '/bench?list-type=2&start-after=0500%2F'],
  ['last page', '/bench?list-type=2&start-after=0999%2F'],
  ['1,000 common prefixes', '/bench?list-type=2&delimiter=%2F'],
]) {
  const times = [];
  for (let round = 0; round < 30; round += 1) {
    const begun = performance.now();
    await server.send('GET', target);
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  console.log(`${name}: median ${times[15].toFixed(1)} ms, slowest ${times.at(-1).toFixed(1)} ms`);
}
console.log(`${(await megabytes()).toFixed(0)} MB afterwards`);
await server.stop();

async function megabytes() {
  return (await server.memory()) / 1e6;
}
