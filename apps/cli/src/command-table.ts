import type { CommandClass } from 'clipanion';
import type { S3Context } from './checked-command.ts';

type Commands = readonly CommandClass<S3Context>[];

/** Every command's first word, and what loads it: only the one that runs is loaded. */
export const commandTable: Readonly<Record<string, () => Promise<Commands>>> = {
  get: async () => [(await import('./commands/get.ts')).GetCommand],
  put: async () => [(await import('./commands/put.ts')).PutCommand],
  delete: async () => [(await import('./commands/delete.ts')).DeleteCommand],
  list: async () => [(await import('./commands/list.ts')).ListCommand],
  'create-bucket': async () => [(await import('./commands/create-bucket.ts')).CreateBucketCommand],
  'delete-bucket': async () => [(await import('./commands/delete-bucket.ts')).DeleteBucketCommand],
  'list-buckets': async () => [(await import('./commands/list-buckets.ts')).ListBucketsCommand],
  copy: async () => [(await import('./commands/copy.ts')).CopyCommand],
  'update-metadata': async () => [(await import('./commands/update-metadata.ts')).UpdateMetadataCommand],
  ls: async () => [(await import('./commands/ls.ts')).LsCommand],
  cp: async () => [(await import('./commands/cp.ts')).CpCommand],
  mv: async () => [(await import('./commands/cp.ts')).MvCommand],
  rm: async () => [(await import('./commands/rm.ts')).RmCommand],
  sync: async () => [(await import('./commands/sync.ts')).SyncCommand],
  diff: async () => [(await import('./commands/diff.ts')).DiffCommand],
  cat: async () => [(await import('./commands/cat.ts')).CatCommand],
  pipe: async () => [(await import('./commands/pipe.ts')).PipeCommand],
  head: async () => [(await import('./commands/head.ts')).HeadCommand],
  stat: async () => [(await import('./commands/head.ts')).HeadCommand],
  du: async () => [(await import('./commands/du.ts')).DuCommand],
  find: async () => [(await import('./commands/find.ts')).FindCommand],
  presign: async () => [(await import('./commands/presign.ts')).PresignCommand],
  mb: async () => [(await import('./commands/mb.ts')).MbCommand],
  rb: async () => [(await import('./commands/rb.ts')).RbCommand],
  versions: async () => (await import('./commands/versions.ts')).versionsCommands,
  tag: async () => (await import('./commands/tag.ts')).tagCommands,
  acl: async () => (await import('./commands/acl.ts')).aclCommands,
  bucket: async () => (await import('./commands/bucket.ts')).bucketCommands,
  uploads: async () => (await import('./commands/uploads.ts')).uploadsCommands,
  run: async () => [(await import('./commands/run.ts')).RunCommand],
  serve: async () => [(await import('./commands/serve.ts')).ServeCommand],
  configure: async () => [(await import('./commands/configure.ts')).ConfigureCommand],
  doctor: async () => [(await import('./commands/doctor.ts')).DoctorCommand],
  completion: async () => [(await import('./commands/completion.ts')).CompletionCommand],
};

// Options that take a value, and can stand before the command.
const withValue = /^(?:-c|-b|--config|--bucket|--profile|--region|--endpoint-url)$/;

/** The first word of a command line that is no option, which is the command's. */
export function commandWordIn(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-')) return word;
    if (withValue.test(word)) index++;
  }
  return undefined;
}
