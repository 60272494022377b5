// Client and service each on a core of its own, so that neither takes the other's time; where there is only one, or no `taskset`,
// processes run where the system puts them.
import { fork, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import process from 'node:process';

// Linux has it.
const pinner = 'taskset';
let isPinned;

/** Whether processes have cores of their own. Asked only where it is needed: the question takes a process. */
export function arePinned() {
  isPinned ??= cpus().length > 1 && spawnSync(pinner, ['-c', '0,1', process.execPath, '-v']).status === 0;
  return isPinned;
}

/** A command, as it is said for a core. */
export function onCore(core, command) {
  return arePinned() ? [pinner, '-c', String(core), ...command] : command;
}

/** `fork`, on a core. */
export function forkOnCore(core, file, args, options) {
  const [execPath, ...execArgv] = onCore(core, [process.execPath]);
  return fork(file, args, { ...options, execPath, execArgv });
}
