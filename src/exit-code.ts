/** What the process ends with. Scripts rely on these. */
export const ExitCode = {
  /** Done; for a check, nothing failed. */
  done: 0,
  /** A check ran and found something. */
  found: 1,
  /** Wrong use: an unknown option, a bad domain, missing or malformed input. */
  usage: 2,
  /** Could not be done or not be finished: a file, the network, or Slack refused. */
  failed: 3,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
