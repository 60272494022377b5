const { readFileSync } = require('node:fs');
const { createRequire, enableCompileCache, wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const program = join(__dirname, '../dist/main.cjs');
const { arch, platform, versions } = process;

/** What transfers need, and by far not all of it is needed to list: V8 reads what is compiled as a whole, 200 KB in a millisecond. */
const transfers = new Set(['cp', 'mv', 'sync', 'rm', 'get', 'put', 'pipe']);

/** Where the program is kept compiled: V8 takes no other version's work, nor that for another machine. */
function compiledFor(command) {
  const use = transfers.has(command) ? 'transfers' : 'requests';
  return join(__dirname, `../dist/main-${use}-${versions.v8}-${platform}-${arch}.cache`);
}

/** The program; from what the build has compiled, where this is the same Node, or else from its source. */
function load() {
  const cachedData = readIfThere(compiledFor(process.argv[2]));
  if (cachedData !== undefined) return run(compile(cachedData));
  // From Node 22.1 on, what is compiled once is kept.
  enableCompileCache?.();
  return require(program);
}

/** Its script; without what was compiled, V8 compiles what runs of it when it runs. */
function compile(cachedData) {
  // It is all ASCII: scripts/compile.mjs sees to that. To find out here would cost a millisecond.
  return new Script(wrap(readFileSync(program, 'latin1')), {
    filename: program,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
}

/** What the script exports. */
function run(script) {
  const module = { exports: {} };
  script.runInThisContext()(
    module.exports,
    requireLate(createRequire(program)),
    module,
    program,
    join(program, '..'),
  );
  return module.exports;
}

/** Node's own modules that take a millisecond each to load, and that not every command uses. */
const late = new Set(['fs/promises', 'zlib']);

/** As `require`, but those are loaded when something of them is wanted. */
function requireLate(require) {
  const loaded = new Map();
  const load = (name) => {
    if (!loaded.has(name)) loaded.set(name, require(name));
    return loaded.get(name);
  };
  return (name) =>
    late.has(name) ? new Proxy({}, { get: (_module, key) => load(name)[key] }) : require(name);
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

module.exports = { compile, compiledFor, load, program, run };
