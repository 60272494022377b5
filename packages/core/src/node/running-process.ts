import { readFileSync } from 'node:fs';
import process from 'node:process';
import { errorCode } from '../errors.ts';

/** What tells a process from all others of this machine. */
export interface ProcessMark {
  readonly process: number;
  /** When it started, in clock ticks since the system did; missing where the system does not tell. Numbers are given out again. */
  readonly started?: string;
}

/** The mark of this process. */
export function ownMark(): ProcessMark {
  const started = statOf(process.pid)?.started;
  return { process: process.pid, ...(started === undefined ? {} : { started }) };
}

/** Whether a process runs, other than this one; as far as can be told. */
export function isRunning({ process: pid, started }: Readonly<Record<string, unknown>>): boolean {
  if (typeof pid !== 'number' || pid === process.pid || !exists(pid)) return false;
  const stat = statOf(pid);
  if (stat === undefined) return true;
  // One that has ended, and that nobody has asked about since, is still there.
  const hasEnded = stat.state === 'Z' || stat.state === 'X';
  return !hasEnded && (started === undefined || started === stat.started);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** What Linux tells of a process: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Its name stands before these, in parentheses, and may hold any character.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    return state === undefined || started === undefined ? undefined : { state, started };
  } catch {
    return undefined;
  }
}
