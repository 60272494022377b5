// CPU time of one signature: `pnpm run bench`, after a build. Contenders take turns, so that a noisy machine is noisy
// for all of them; a figure is the median of the rounds.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import process from 'node:process';
import { body, contenders, credentials, host, path } from './contenders.mjs';
import { checkHeader, checkUrl } from './reference.mjs';

const rounds = Number(process.env.ROUNDS ?? 15);
const signaturesPerRound = Number(process.env.SIGNATURES ?? 3000);
const warmUpRounds = 3;

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const { secretAccessKey: secret } = credentials;

// aws4 and aws4fetch never sign Range; every other contender has to.
const always = ['host', 'x-amz-content-sha256', 'x-amz-date', 'if-none-match'];

const work = {
  get: {
    title: 'GET by headers, six of them signed',
    check(headers, name) {
      const request = { method: 'GET', path, headers: lowerCase(headers), payloadHash: sha256('') };
      checkHeader(request, secret, name.startsWith('aws4') ? always : [...always, 'range']);
    },
  },
  url: {
    title: 'presigned GET',
    check: (url) => checkUrl(url, { method: 'GET', host }, secret),
  },
  put: {
    title: 'PUT of 1 KiB with the hash of its body',
    check(headers) {
      const request = { method: 'PUT', path, headers: lowerCase(headers), payloadHash: sha256(body) };
      checkHeader(request, secret, ['host', 'x-amz-content-sha256', 'x-amz-date']);
    },
  },
};

function lowerCase(headers) {
  // aws4fetch leaves the host to fetch.
  const entries = [['host', host], ...Object.entries(headers)];
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

/** CPU microseconds per signature, and the last one. */
async function round(sign) {
  let last;
  const before = process.cpuUsage();
  for (let count = 0; count < signaturesPerRound; count++) last = await sign();
  return { microseconds: elapsed(before), last };
}

/** The same for what is synchronous, and shall not pay for waiting. */
function roundSync(sign) {
  let last;
  const before = process.cpuUsage();
  for (let count = 0; count < signaturesPerRound; count++) last = sign();
  return { microseconds: elapsed(before), last };
}

function elapsed(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / signaturesPerRound;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function measure(name) {
  const figures = {};
  for (const [contender, jobs] of Object.entries(contenders)) {
    const first = jobs[name]();
    work[name].check(await first, contender);
    figures[contender] = { run: first instanceof Promise ? round : roundSync, samples: [] };
  }
  for (let count = -warmUpRounds; count < rounds; count++) {
    for (const [contender, { run, samples }] of Object.entries(figures)) {
      const { microseconds, last } = await run(contenders[contender][name]);
      work[name].check(last, contender);
      if (count >= 0) samples.push(microseconds);
    }
  }
  return Object.fromEntries(
    Object.entries(figures).map(([contender, { samples }]) => [contender, median(samples)]),
  );
}

function version(name) {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name)) {
    try {
      return require(`${folder}/${name}/package.json`).version;
    } catch {}
  }
  throw new Error(`${name} is not installed`);
}

const versions = ['aws4', 'aws4fetch', '@smithy/signature-v4', '@aws-crypto/sha256-js'];
console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model}`,
);
console.log(versions.map((name) => `${name} ${version(name)}`).join(', '));
console.log(
  `CPU time per signature, median of ${rounds} rounds of ${signaturesPerRound}; the last signature of each checked\n`,
);

for (const [name, { title }] of Object.entries(work)) {
  const figures = await measure(name);
  const own = figures['s3kit, node:crypto'];
  const onSha256Js = figures['s3kit, sha256-js'];
  console.log(title);
  for (const [contender, microseconds] of Object.entries(figures)) {
    console.log(`  ${microseconds.toFixed(2).padStart(7)} us  ${contender}`);
  }
  const rivals = Object.entries(figures).filter(([contender]) => !contender.startsWith('s3kit'));
  const [best, fastest] = rivals.sort(([, a], [, b]) => a - b)[0];
  const ratio = (a, b) => `${(a / b).toFixed(1)} x`;
  console.log(`  the fastest rival (${best}) takes ${ratio(fastest, own)} as long`);
  console.log(`  smithy on node:crypto takes ${ratio(figures['smithy, node:crypto'], own)}`);
  console.log(`  on sha256-js, smithy takes ${ratio(figures['smithy, sha256-js'], onSha256Js)}\n`);
}
