/** Exit statuses. */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Done, but for some files that were skipped, and told of. */
  skipped: 3,
  notFound: 4,
  /** 128 and the number of the signal, as shells count. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
  closedPipe: 141,
} as const;
