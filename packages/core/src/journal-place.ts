import { invalidArgument } from './errors.ts';

/** Where the journal of a transfer is: beside the local file (`true`), or in a folder; `false` is the same as none. */
export type JournalPlace = boolean | string;

/** Whether there is to be a journal. */
export function wantsJournal(place: JournalPlace | undefined): place is true | string {
  if (place === '')
    throw invalidArgument("the folder of a journal must not be ''; use '.' for the current one");
  return place !== undefined && place !== false;
}
