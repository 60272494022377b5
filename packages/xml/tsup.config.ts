import { defineConfig } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

export default defineConfig([{ ...library, entry: ['src/index.ts', 'src/light.ts'] }, modules]);
