const { readFileSync } = require('node:fs');
const { createRequire, enableCompileCache, wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const program = join(__dirname, '../dist/main.cjs');
const { arch, platform, versions } = process;

/** Where the program is kept compiled: V8 takes no other version's work, nor that for another machine. */
const compiled = join(__dirname, `../dist/main-${versions.v8}-${platform}-${arch}.cache`);

/** The program; from what the build has compiled, where this is the same Node, or else from its source. */
function load() {
  const cachedData = readIfThere(compiled);
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
  script.runInThisContext()(module.exports, createRequire(program), module, program, join(program, '..'));
  return module.exports;
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

module.exports = { compile, compiled, load, program, run };
