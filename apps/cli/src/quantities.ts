const factors: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
  t: 1024 ** 4,
  tib: 1024 ** 4,
  tb: 1000 ** 4,
};

/** Bytes, from `4096`, `16M`, `16MiB` (1,024 each) or `16MB` (1,000 each); undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = factors[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.round(Number(amount) * factor);
}

/** A whole number of up to nine digits; undefined for anything else. */
export function parseCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds, from `90`, `90s`, `15m`, `12h`, `7d` or `2w`; undefined for anything else. */
export function parseSeconds(text: string): number | undefined {
  const [, amount, unit = 's'] = /^(\d+)([smhdw])?$/.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * (secondsPer[unit] ?? 1);
}

/** A moment: as ISO 8601, or as how long ago it was (`7d`); undefined for anything else. */
export function parseMoment(text: string, now: number = Date.now()): Date | undefined {
  const ago = parseSeconds(text);
  return valid(ago === undefined ? parseDate(text.trim()) : new Date(now - ago * 1000));
}

/** A date as HTTP has it, from one of ISO 8601, or from HTTP's own; undefined for anything else. */
export function parseHttpDate(text: string): string | undefined {
  // Date reads much else than what it writes.
  const written = valid(new Date(text))?.toUTCString();
  return written === text ? written : valid(parseDate(text.trim()))?.toUTCString();
}

function valid(moment: Date | undefined): Date | undefined {
  return moment === undefined || Number.isNaN(moment.getTime()) ? undefined : moment;
}

const isoDate = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

/** A day is one of UTC; a time without a zone is one of this machine, as ECMAScript has it. */
function parseDate(text: string): Date | undefined {
  const [, day, time, zone = ''] = isoDate.exec(text) ?? [];
  // There is no 31st of February; Date takes it for the 3rd of March.
  const midnight = new Date(`${day}T00:00Z`);
  if (day === undefined || Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day))
    return undefined;
  if (time === undefined) return midnight;
  // +0100 is ISO 8601, and nothing that Date has to know.
  return new Date(`${day}T${time}${zone.toUpperCase().replace(/(?<=\d)(?=\d\d$)/, ':')}`);
}

const units = ['Bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** A size as `aws s3 ls --human-readable` writes it: `6 Bytes`, `12.1 KiB`. */
export function humanBytes(bytes: number): string {
  if (bytes === 1) return '1 Byte';
  let value = bytes;
  let step = 0;
  // What rounds to 1024.0 is one of the next unit.
  while (value >= 1023.95 && step < units.length - 1) {
    value /= 1024;
    step++;
  }
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}

/** A size for people, or, for programs, the number of its bytes. */
export function shownBytes(bytes: number, isForPeople: boolean): string {
  return isForPeople ? humanBytes(bytes) : String(bytes);
}

/** How long something took, for people: `0.4 s`, `2 m 05 s`. */
export function humanSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`;
}

/** A local time as `aws s3 ls` writes it. */
export function localTime(moment: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${date} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}
