import { defineConfig } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

// The second entry is what clients need that load the rest only where an address is no plain one.
export default defineConfig([{ ...library, entry: ['src/index.ts', 'src/host-labels.ts'] }, modules]);
