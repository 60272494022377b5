// The self-check for runtimes with a command line. Arguments: the module to run, and the endpoint's origin.
import process from 'node:process';

const { selfCheck } = await import(new URL(process.argv[2], import.meta.url).href);
const passed = await selfCheck(process.argv[3]);
console.log(`passed ${passed.length}`);
