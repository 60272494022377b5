/**
 * What kind of failure a request met: `transient` goes away by itself, `throttling` asks for a longer wait,
 * `clock-skew` goes away once the clock of the client is corrected, `none` comes back each time.
 */
export type FailureKind = 'transient' | 'throttling' | 'clock-skew' | 'none';
