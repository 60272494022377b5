import { MAXIMUM_SLEEP } from './sleep.ts';

/**
 * @throws {TypeError} it is no number
 * @throws {RangeError} it is not whole, or less than the minimum
 */
export function checkedCount(value: number, argument: string, minimum: number = 0): number {
  checkKind(value, argument);
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new RangeError(`${argument} must be a whole number, ${minimum} or more`);
}

/**
 * @param unit - how many milliseconds it counts
 * @throws {TypeError} it is no number
 * @throws {RangeError} it is not what a timer can count
 */
export function checkedWait(value: number, argument: string, unit: number = 1): number {
  checkKind(value, argument);
  if (value >= 0 && value * unit <= MAXIMUM_SLEEP) return value;
  throw new RangeError(`${argument} must be from 0 to ${Math.floor(MAXIMUM_SLEEP / unit)}`);
}

function checkKind(value: number, argument: string): void {
  if (typeof value !== 'number') throw new TypeError(`${argument} must be a number`);
}
