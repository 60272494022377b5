import { v4aSuite } from './v4a-suite.ts';

v4aSuite('node:crypto');
