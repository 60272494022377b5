// `npm test`: sets up what is missing, then passes the tests of all packages. Arguments go to vitest.
import process from 'node:process';
import { run, setUp } from './setup.mjs';

setUp();
process.exit(run('vitest', ['run', ...process.argv.slice(2)]));
