import { obtainCredentials } from './app.ts';
import { askCreation } from './creation-step.ts';
import { examine } from './doctor-step.ts';
import { handOver } from './hand-over.ts';
import { askDomain, askReach } from './host-steps.ts';
import { askPlace } from './place-step.ts';
import type { Step } from './step.ts';

/** The steps in their order. Each uses the answers of those before it. */
export const steps: readonly Step[] = [
  { title: 'Domain', summary: ({ domain }) => domain, run: askDomain },
  {
    title: 'How Slack reaches it',
    summary: ({ domain, webhookDomain, way }) => {
      if (webhookDomain === undefined) return undefined;
      if (way === 'socket-mode') return 'by Socket Mode';
      return domain === webhookDomain ? 'directly' : webhookDomain;
    },
    run: askReach,
  },
  { title: 'How the app is created', summary: ({ by }) => by && `by ${by}`, run: askCreation },
  { title: 'Where Spacelift runs', summary: ({ form, envFile }) => form && envFile && form, run: askPlace },
  {
    title: 'App and credentials',
    summary: ({ stored, envFile, appId }) =>
      stored ? [appId, envFile].filter(Boolean).join(', ') : undefined,
    run: obtainCredentials,
  },
  {
    title: 'Hand-over',
    summary: ({ handedOver, out, envFile }) => (handedOver ? (out ?? envFile) : undefined),
    run: handOver,
  },
  { title: 'Doctor', summary: ({ examined }) => (examined ? 'nothing failed' : undefined), run: examine },
];
