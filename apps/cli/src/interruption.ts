/** Why a command was told to stop. */
export class Interruption extends Error {
  readonly exitStatus: number;

  constructor(exitStatus: number) {
    super('interrupted');
    this.exitStatus = exitStatus;
  }
}
