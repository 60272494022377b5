import { defineConfig } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

export default defineConfig([library, modules]);
