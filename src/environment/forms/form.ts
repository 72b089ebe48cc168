import type { Credentials } from '../credentials.ts';

/** Where the variables go, as far as a form needs to know. */
export interface Deployment {
  /** The Kubernetes namespace. */
  readonly namespace: string;
  /** The name of the Kubernetes Secret. */
  readonly secretName: string;
  /** Whether the text went into the deployment's own file, and not into one of its own. */
  readonly merged?: boolean;
}

/** A way to hand the three variables to Spacelift's processes. */
export interface Form {
  /** As `--format` takes it. */
  readonly name: string;
  /** One line for the help text. */
  readonly summary: string;
  /** False where the text names the variables without their values. */
  readonly holdsValues: boolean;
  /** @returns the whole text, with a line break at its end */
  render(credentials: Credentials, deployment: Deployment): string;
  /**
   * What makes it take effect: commands, and lines of explanation that start with `#`.
   *
   * @param file where the text was written, or a stand-in for it
   */
  takeEffect(file: string, deployment: Deployment): readonly string[];
}
