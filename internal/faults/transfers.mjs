// Many seeded transfers through the fault proxy, and clients killed in the middle of their writes. Each has to end with
// identical bytes, or with an error and nothing left behind. Prints what was met; ends with status 1 on a violation.
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  runKills,
  runResumes,
  runTransfers,
  transferWithJournal,
  World,
  writeForEver,
} from '@s3kit-internal/faults/transfers';

if (process.argv[2] === 'client') await writeForEver(JSON.parse(process.argv[3]));
else if (process.argv[2] === 'resuming') await transferWithJournal(JSON.parse(process.argv[3]));
else process.exitCode = await main();

async function main() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      count: { type: 'string', default: '400' },
      index: { type: 'string' },
      kills: { type: 'string' },
      resumes: { type: 'string' },
    },
  });
  const seed = wholeNumber('--seed', values.seed);
  const indexes =
    values.index === undefined
      ? Array.from({ length: wholeNumber('--count', values.count) }, (_, index) => index)
      : [wholeNumber('--index', values.index)];
  // A single transfer is replayed alone.
  const others = values.index === undefined ? '20' : '0';
  const kills = wholeNumber('--kills', values.kills ?? others);
  const resumes = wholeNumber('--resumes', values.resumes ?? others);
  console.log(`seed ${seed}`);

  const loose = [];
  process.on('unhandledRejection', (reason) => loose.push(reason));
  const started = performance.now();
  const world = await World.start();
  try {
    const transfers = await runTransfers(world, seed, indexes);
    const killed = await runKills(world, seed, kills, [process.argv[1], 'client']);
    const resumed = await runResumes(world, seed, resumes, [process.argv[1], 'resuming']);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${transfers.transfers} transfers, ${kills} kills and ${resumes} resumes in ${seconds} s`);
    console.log(`faults that struck: ${counts(transfers.faults)}`);
    console.log(`outcomes: ${counts(transfers.outcomes)}`);
    console.log(
      `uploads left open: ${transfers.namedUploads} named by the error, ${transfers.lostUploads} whose id never arrived`,
    );
    console.log(
      `killed: ${killed.afterWrites} of ${killed.kills} after a write was done, ${killed.openUploads} uploads left open`,
    );
    const perKill = resumed.kills === 0 ? 0 : Math.round(resumed.bytesAgain / resumed.kills / 1024);
    console.log(
      `resumed: ${resumed.resumes} transfers of ${resumed.bytes} bytes after ${resumed.kills} kills; ${resumed.bytesAgain} bytes went again, ${perKill} KiB for each kill`,
    );
    for (const { index, problem } of transfers.violations) tell(problem, `--seed ${seed} --index ${index}`);
    for (const { index, problem } of killed.violations)
      tell(problem, `--seed ${seed} --count 0 --kills ${index + 1}`);
    for (const { index, problem } of resumed.violations)
      tell(problem, `--seed ${seed} --count 0 --kills 0 --resumes ${index + 1}`);
    for (const reason of loose) console.error('VIOLATION: a rejection that nobody handled:', reason);
    const violations =
      transfers.violations.length + killed.violations.length + resumed.violations.length + loose.length;
    console.log(`${violations} violations`);
    return violations === 0 ? 0 : 1;
  } finally {
    await world.close();
  }
}

function tell(problem, options) {
  console.error(`VIOLATION: ${problem}\n  replay: node internal/faults/transfers.mjs ${options}`);
}

function counts(record) {
  return Object.entries(record)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function wholeNumber(option, text) {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`${option} must be a whole number, 0 or more, not ${text}`);
}
