// Required before the command: says at its end how many ranges its threads have written.
const { subscribe } = require('node:diagnostics_channel');

let written = 0;
subscribe('worker_threads', ({ worker }) =>
  worker.on('message', ({ kind }) => {
    if (kind === 'written') written++;
  }),
);
process.on('exit', () => process.stderr.write(`${written} ranges by threads\n`));
