import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chain, type Link } from '../src/node/chain.ts';

test('a chain holds what was added and not taken out, in the order of adding', () => {
  const step = fc.oneof(
    fc.constant('add' as const),
    fc.constant('shift' as const),
    // Which of all links ever made is to be taken out, also for the second time.
    fc.nat(40),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const chain = new Chain<number>();
      const links: Link<number>[] = [];
      let model: number[] = [];
      for (const one of steps) {
        if (one === 'add') {
          links.push(chain.add(links.length));
          model.push(links.length - 1);
        } else if (one === 'shift') expect(chain.shift()).toBe(model.shift());
        else {
          const link = links[one];
          if (link === undefined) continue;
          chain.delete(link);
          model = model.filter((value) => value !== one);
        }
      }
      const rest = Array.from({ length: model.length }, () => chain.shift());
      expect(rest).toEqual(model);
      expect(chain.shift()).toBeUndefined();
      // What is out of it holds on to nothing.
      for (const { before, after } of links) expect([before, after]).toEqual([undefined, undefined]);
    }),
  );
});
