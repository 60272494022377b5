/**
 * The one operation on the curve P-256 that WebCrypto does not offer: the public key of a private one, without
 * which it does not take the private one.
 *
 * A library of curves would be installed by everyone who installs the package, for this one step.
 *
 * All keys take the same steps. JavaScript's big integers do not promise the same time for each; it runs once for
 * each key, in the browser of who owns the key, not where a stranger could measure it.
 */

// FIPS 186-4 §D.1.2.3; the curve is y² = x³ - 3x + b.
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const GENERATOR: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  1n,
];
const INFINITY: Point = [0n, 1n, 0n];

/** Homogeneous coordinates: x = X / Z, y = Y / Z. */
type Point = readonly [x: bigint, y: bigint, z: bigint];

function reduced(value: bigint): bigint {
  const rest = value % PRIME;
  return rest < 0n ? rest + PRIME : rest;
}

/** Complete addition, for any two points, equal ones too (Renes, Costello, Batina 2016, algorithm 1, a = -3). */
function sum([x1, y1, z1]: Point, [x2, y2, z2]: Point): Point {
  const xx = reduced(x1 * x2);
  const yy = reduced(y1 * y2);
  const zz = reduced(z1 * z2);
  const xy = reduced(x1 * y2 + x2 * y1);
  const xz = reduced(x1 * z2 + x2 * z1);
  const yz = reduced(y1 * z2 + y2 * z1);
  const p = reduced(3n * (B * zz - xz));
  const q = 3n * (xx - zz);
  const r = reduced(3n * (B * xz - xx - 3n * zz));
  return [
    reduced(xy * (yy - p) - yz * r),
    reduced((yy - p) * (yy + p) + q * r),
    reduced(yz * (yy + p) + xy * q),
  ];
}

/** The inverse, by Fermat's little theorem. */
function inverse(value: bigint): bigint {
  let result = 1n;
  let base = value;
  for (let exponent = PRIME - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = reduced(result * base);
    base = reduced(base * base);
  }
  return result;
}

/** See `P256.publicKeyOf`. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  let point = INFINITY;
  for (const byte of privateKey) {
    for (let bit = 7; bit >= 0; bit--) {
      const doubled = sum(point, point);
      const added = sum(doubled, GENERATOR);
      point = (byte >> bit) & 1 ? added : doubled;
    }
  }
  const [x, y, z] = point;
  const factor = inverse(z);
  const digits = [x, y]
    .map((value) =>
      reduced(value * factor)
        .toString(16)
        .padStart(64, '0'),
    )
    .join('');
  const bytes = digits.match(/../g) ?? [];
  return Uint8Array.from([4, ...bytes.map((pair) => Number.parseInt(pair, 16))]);
}
