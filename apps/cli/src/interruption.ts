/** Why a command was told to stop. */
export class Interruption extends Error {
  readonly exitStatus: number;

  constructor(exitStatus: number) {
    super('interrupted');
    this.exitStatus = exitStatus;
  }
}

const keys = ['SIGINT', 'SIGQUIT'] as const;

/** Leaves Ctrl-C and Ctrl-\\ to what has the terminal meanwhile, such as an editor: they come to all that the terminal has started. */
export async function leavingKeys<T>(act: () => Promise<T>): Promise<T> {
  const leave = (): void => undefined;
  const before = keys.map((key) => [key, process.rawListeners(key)] as const);
  for (const [key, listeners] of before) {
    process.on(key, leave);
    for (const listener of listeners) process.off(key, listener as NodeJS.SignalsListener);
  }
  try {
    return await act();
  } finally {
    for (const [key, listeners] of before) {
      for (const listener of listeners) process.on(key, listener as NodeJS.SignalsListener);
      process.off(key, leave);
    }
  }
}
