// The self-check for runtimes with a command line: the module to run is the argument.
const { selfCheck } = await import(new URL(process.argv[2], import.meta.url).href);
const passed = await selfCheck();
console.log(`passed ${passed.length}`);
