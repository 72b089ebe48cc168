/** What is published about a check: by `explain`, in docs/doctor.md, in `doctor --list` and in every report. */
export interface CheckEntry {
  /** People's scripts rely on it. */
  readonly id: string;
  /** What a pass means, as a clause. */
  readonly title: string;
  /** What the check looks at and what a pass proves, in sentences. */
  readonly proves: string;
  /** Why it does not pass: each a sentence or two, the likeliest first. */
  readonly causes: readonly string[];
  /** What to do, in sentences. */
  readonly advice: string;
  /** Commands that help, as they are typed. */
  readonly run: readonly string[];
}

export interface CheckGroup {
  readonly group: string;
  /** What holds for every check of the group, in sentences. */
  readonly about: string;
  /** In the order of the report: a check stands after those that it needs. */
  readonly checks: readonly CheckEntry[];
}
