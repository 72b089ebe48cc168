import type { Credentials } from '../credentials.ts';

/** What a format must know about the deployment. */
export interface Deployment {
  /** The Kubernetes namespace. */
  readonly namespace: string;
  /** The name of the Kubernetes Secret. */
  readonly secretName: string;
  /** Whether the text was merged into a file of the deployment, and not written to a file of its own. */
  readonly merged?: boolean;
}

/** What Spacelift's chart is installed with, unless an operator chooses other names. */
export const usualDeployment: Deployment = { namespace: 'spacelift', secretName: 'spacelift-shared' };

/** A format in which a deployment passes the three variables to Spacelift's processes. */
export interface DeploymentFormat {
  /** The value of `--format`. */
  readonly name: string;
  /** One line for the help text and the documentation. */
  readonly summary: string;
  /** What else the documentation says, as whole sentences in Markdown. */
  readonly remarks?: string;
  /** Whether the text contains the values; if not, it only names the variables. */
  readonly holdsValues: boolean;
  /** @returns the whole text, which ends with a line break */
  render(credentials: Credentials, deployment: Deployment): string;
  /**
   * How to make it take effect: commands, and explanations as lines that start with `#`.
   *
   * @param file the name of the file that was written, not quoted, or a placeholder for it
   */
  takeEffect(file: string, deployment: Deployment): readonly string[];
}
