const MiB = 1024 * 1024;

// The parts that are usually under way fill the memory that transfers usually have.
const alwaysHeld = 64 * MiB;
// All that S3 needs for 10 TiB.
const neverHeld = 1024 * MiB;
// What is under way of a file that is sent as it is read.
const bufferOfStream = MiB;

/** What pieces of a file may take of memory. */
export interface PieceMemory {
  /** Bytes of the largest piece that is held until S3 has it. A larger one is sent as it is read. */
  readonly largest: number;
  /** Most bytes that a piece counts in the memory of all transfers. */
  readonly share: number;
}

/** What decides it. */
interface PieceCircumstances {
  /** Bytes that all transfers of a connection hold. */
  readonly memory: number;
  /** Whether the caller has chosen these: then the largest pieces have to do with them, too. */
  readonly isChosen: boolean;
  /** Pieces under way at a time. */
  readonly concurrency: number;
  /** Whether a piece can be sent as it is read, with its checksum behind it. */
  readonly canBeStreamed: boolean;
}

/** Which pieces of a file are held: what has to be known of them before they are sent is then found out without a second reading. */
export function pieceMemory(circumstances: PieceCircumstances): PieceMemory {
  const { memory, isChosen, concurrency, canBeStreamed } = circumstances;
  const share = Math.max(alwaysHeld, memory / concurrency);
  if (canBeStreamed) return { share, largest: alwaysHeld };
  return { share, largest: isChosen ? Math.min(share, neverHeld) : neverHeld };
}

/** Bytes that a piece of a file counts in the memory of all transfers. */
export function countedInMemory(length: number, { largest, share }: PieceMemory): number {
  return length > largest ? bufferOfStream : Math.min(length, share);
}
