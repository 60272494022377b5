import { signingSuite } from './signing-suite.ts';

signingSuite('node:crypto');
