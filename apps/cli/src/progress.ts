import type { SingleBar } from 'cli-progress';
import type { Output } from './output.ts';
import type { PlannedBytes } from './planned-bytes.ts';
import { humanBytes, humanSeconds } from './quantities.ts';

/** How far a command is. */
export interface Progress {
  readonly bytes: number;
  /** Bytes of all, where they are known. */
  readonly total?: number | undefined;
  readonly files: number;
}

// DECAWM of VT100: whether a line that is too long goes on in the next one.
const wrapping = { off: '\u001b[?7l', on: '\u001b[?7h' };

/** Shows how far a command is, on standard error of a terminal; elsewhere, nothing. */
export class ProgressDisplay {
  readonly #bar: SingleBar;
  readonly #started = performance.now();
  /** Who counts the bytes of all meanwhile. */
  planned: PlannedBytes | undefined;

  private constructor(bar: SingleBar) {
    this.#bar = bar;
    bar.start(1, 0, { text: '' });
  }

  /** A display, where one is wanted and there is a terminal to show it on. */
  static async open(
    output: Output,
    environment: NodeJS.ProcessEnv,
    isUnwanted: boolean,
  ): Promise<ProgressDisplay | undefined> {
    if (isUnwanted || output.isQuiet || output.isJson || !process.stderr.isTTY) return undefined;
    if (environment['CI'] || environment['TERM'] === 'dumb') return undefined;
    const { default: progress } = await import('cli-progress');
    const color = environment['NO_COLOR'] ? ['', ''] : ['\u001b[36m', '\u001b[0m'];
    const bar = new progress.SingleBar({
      // What is changed of a terminal stays so after Ctrl-Z, or an end at once: lines wrap again behind each drawing, and the cursor stays.
      format: `${wrapping.off}${color[0]}{bar}${color[1]} {text}${wrapping.on}`,
      barCompleteChar: '\u2588',
      barIncompleteChar: '\u2591',
      barsize: 20,
      clearOnComplete: true,
      stream: process.stderr,
      fps: 10,
    });
    const display = new ProgressDisplay(bar);
    // A line of output takes the place of the display, which is drawn anew below it.
    output.onLine = () => process.stderr.write('\r\u001b[K');
    return display;
  }

  update({ bytes, total = this.planned?.total, files }: Progress): void {
    const seconds = (performance.now() - this.#started) / 1000;
    const rate = seconds > 0 ? bytes / seconds : 0;
    const left =
      total === undefined || rate === 0 ? '' : `, ${humanSeconds(Math.max(total - bytes, 0) / rate)} left`;
    const all = total === undefined ? '' : ` of ${humanBytes(total)}`;
    const text = `${humanBytes(bytes)}${all}, ${files} ${files === 1 ? 'file' : 'files'}, ${humanBytes(Math.round(rate))}/s${left}`;
    this.#bar.setTotal(Math.max(total ?? bytes, 1));
    this.#bar.update(total === undefined ? 0 : bytes, { text });
  }

  close(): void {
    this.#bar.stop();
  }
}
