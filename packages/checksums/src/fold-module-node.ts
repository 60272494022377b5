/**
 * The loop of `fold-node.ts` as a module of WebAssembly, some 300 bytes: it depends on the CRC.
 *
 * @see {@link https://www.w3.org/TR/wasm-core-2/#binary-format}
 */

/** Bytes of a word: what an instruction takes at once. */
export const wordSize = 16;
/** Words of a turn of the loop. */
const unrolled = 4;
/** Pages of 64 KiB of its memory: a piece is copied into it by as many bytes, which are to stay in the second cache. */
const pages = 8;
/** Bytes of its memory. */
export const memorySize: number = pages * 64 * 1024;
/** Bytes of a turn of the loop. */
export const step: number = unrolled * wordSize;

const type = { i32: 0x7f, v128: 0x7b, function: 0x60, none: 0x40 };
const op = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  tee: 0x22,
  constant: 0x41,
  lessThan: 0x49,
  add: 0x6a,
  load: [0xfd, 0x00],
  store: [0xfd, 0x0b],
  xor: [0xfd, 0x51],
};
/** Of loads and stores: any address, not only a multiple. */
const unaligned = 0;
const [at, end, shift] = [0, 1, 2];

/**
 * A module with `memory`, and `fold(at, end, shift)`: to each word from `at` to `end` (the window before the
 * first is at `at` itself, so all lie a window further on) it adds the words the distances before it. With a `shift`, the words lie,
 * and are written, so many bytes further on than those that are added.
 */
export function foldingModule(distances: readonly number[]): Uint8Array {
  const window = Math.max(...distances) * wordSize;
  const turn = Array.from({ length: unrolled }, (_, index) => {
    const place = window + index * wordSize;
    return [
      ...[op.get, at, op.get, shift, op.add],
      ...[op.get, at, op.get, shift, op.add, ...op.load, unaligned, ...unsigned(place)],
      ...distances.flatMap((distance) => [
        ...[op.get, at, ...op.load, unaligned, ...unsigned(place - distance * wordSize)],
        ...op.xor,
      ]),
      ...[...op.store, unaligned, ...unsigned(place)],
    ];
  }).flat();
  const body = [
    ...[op.loop, type.none],
    ...turn,
    ...[
      op.get,
      at,
      op.constant,
      ...signed(step),
      op.add,
      op.tee,
      at,
      op.get,
      end,
      op.lessThan,
      op.branchIf,
      0,
    ],
    ...[op.end, op.end],
  ];
  const noLocals = 0;
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[type.function, ...list([[type.i32], [type.i32], [type.i32]]), ...list([])]])),
    ...section(3, list([[0]])),
    ...section(5, list([[1, pages, pages]])),
    ...section(
      7,
      list([
        [...name('memory'), 2, 0],
        [...name('fold'), 0, 0],
      ]),
    ),
    ...section(10, list([sized([noLocals, ...body])])),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return sized([...text].map((letter) => letter.charCodeAt(0)));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of what is not negative, where a sign is expected. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}
