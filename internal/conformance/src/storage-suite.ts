import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { bucketRows } from './bucket-rows.ts';
import { configurationRows } from './configuration-rows.ts';
import { directoryRows } from './directory-rows.ts';
import { errorRows } from './error-rows.ts';
import { familyRows } from './family-rows.ts';
import { listingRows } from './listing-rows.ts';
import { objectRows } from './object-rows.ts';
import { operationRows } from './operation-rows.ts';
import { resumeRows } from './resume-rows.ts';
import { type Differences, type Target, Workplace } from './target.ts';
import { transferRows } from './transfer-rows.ts';

/** What the rows are made with. */
export interface Suite {
  /** Where a row works, while it runs. */
  readonly at: Workplace;
  readonly differences: Differences;
}

/** Runs every row of the documented `Storage` against an endpoint. */
export function storageSuite(name: string, differences: Differences, open: () => Promise<Target>): void {
  describe(name, () => {
    let target: Target;
    let workplace: Workplace;
    beforeAll(async () => {
      target = await open();
    });
    afterAll(async () => {
      await target?.close();
    });
    beforeEach(async () => {
      workplace = await Workplace.open(target);
    });
    afterEach(async () => {
      await workplace.close();
    });
    const suite: Suite = {
      differences,
      get at() {
        return workplace;
      },
    };
    describe('buckets', () => bucketRows(suite));
    describe('listings', () => listingRows(suite));
    describe('bucket configuration', () => configurationRows(suite));
    describe('younger bucket configuration', () => familyRows(suite));
    describe('objects', () => objectRows(suite));
    describe('operations', () => operationRows(suite));
    describe('directory buckets', () => directoryRows(suite));
    describe('transfers', () => transferRows(suite));
    describe('transfers that go on', () => resumeRows(suite));
    describe('errors', () => errorRows(suite));
  });
}
