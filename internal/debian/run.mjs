import { execFile } from 'node:child_process';

/**
 * Runs a program to its end and resolves to what it wrote to its standard output.
 *
 * @param {string} program
 * @param {readonly string[]} programArguments
 * @param {{ input?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>}
 * @throws {Error} the program failed; the message ends with what it said
 */
export function run(program, programArguments, { input = '', env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer: 64 * 1024 ** 2 };
    const child = execFile(program, programArguments, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n');
      reject(
        new Error(`${program} ${programArguments[0] ?? ''} failed: ${said || error.message}`, {
          cause: error,
        }),
      );
    });
    // A program that does not read its input may be gone before all is written; its status says the rest.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
