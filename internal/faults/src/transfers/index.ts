export { type DoomedClient, type KillSummary, runKills, writeForEver } from './kills.ts';
export { type ResumeSummary, type ResumingClient, runResumes, transferWithJournal } from './resumes.ts';
export type { Outcome, TransferResult } from './run-transfer.ts';
export { runTransfers, type Summary, type Violation } from './run-transfers.ts';
export { type Scenario, scenarioOf, type Verb } from './scenario.ts';
export { World } from './world.ts';
