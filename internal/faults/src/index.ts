export type { Exchange } from './exchange.ts';
export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
export type { Direction, Fault, FaultKind, InjectedAnswer, Schedule, SeenRequest } from './faults.ts';
export { createSchedule, labelOf, type ScheduleTimes, type Weather } from './schedule.ts';
