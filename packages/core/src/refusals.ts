// What is wanted when S3 refuses, or says in a document whether it did: one file, to be loaded then.
export { describeError } from './answer.ts';
export { outcomeOf, tooLong } from './error-document.ts';
export { repair } from './repairs.ts';
