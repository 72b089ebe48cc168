import type { Pointer } from '../../json-value.ts';
import type { ManifestView } from '../manifest-view.ts';

export type Severity = 'error' | 'warning';

/** A place in a manifest that breaks a rule. */
export interface Violation {
  /** The offending value, or the object that lacks a key. */
  readonly pointer: Pointer;
  /** What is wrong, without a full stop. */
  readonly message: string;
  /** What to do, as a sentence. Default: the rule's `fix`. */
  readonly hint?: string;
  /** Default: the rule's severity. */
  readonly severity?: Severity;
  /** `key`: the key is wrong, not its value. `file`: the whole file is wrong, so that no line of it is shown. */
  readonly at?: 'key' | 'file';
}

/** A rule for manifests, as it is checked, reported and documented. */
export interface Rule {
  /** Stable: scripts and reports name rules by it. */
  readonly id: string;
  /** An error only where a source states that Slack rejects the manifest, or that the app cannot work. */
  readonly severity: Severity;
  /** What the rule requires, as a sentence. */
  readonly title: string;
  /** What happens where a manifest breaks it, in sentences. */
  readonly why: string;
  /** What to do, as a sentence. */
  readonly fix: string;
  /** Where the rule comes from; sources.ts explains the short names. */
  readonly source: string;
  /** Absent where the file's reader or the JSON schema finds what breaks the rule. */
  readonly check?: (manifest: ManifestView) => Iterable<Violation>;
}
