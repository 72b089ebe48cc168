/** Where an entry and the rule behind it are documented. */
export const sources = {
  'slash-commands': {
    title: 'Slack: Implementing slash commands',
    url: 'https://docs.slack.dev/interactivity/implementing-slash-commands',
  },
  interactivity: {
    title: 'Slack: Handling user interaction',
    url: 'https://docs.slack.dev/interactivity/handling-user-interaction',
  },
  events: { title: 'Slack: Events API', url: 'https://docs.slack.dev/apis/events-api/' },
  'request-urls': {
    title: 'Slack: HTTP request URLs',
    url: 'https://docs.slack.dev/apis/events-api/using-http-request-urls',
  },
  signing: {
    title: 'Slack: Verifying requests from Slack',
    url: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  },
  'socket-mode': {
    title: 'Slack: Using Socket Mode',
    url: 'https://docs.slack.dev/apis/events-api/using-socket-mode',
  },
  oauth: {
    title: 'Slack: Installing with OAuth',
    url: 'https://docs.slack.dev/authentication/installing-with-oauth',
  },
  'oauth.v2.access': {
    title: 'Slack: oauth.v2.access',
    url: 'https://docs.slack.dev/reference/methods/oauth.v2.access',
  },
  manifests: {
    title: 'Slack: Configuring apps with app manifests',
    url: 'https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests',
  },
  'manifest-fields': {
    title: 'Slack: App manifest reference',
    url: 'https://docs.slack.dev/reference/app-manifest',
  },
  'apps.manifest.create': {
    title: 'Slack: apps.manifest.create',
    url: 'https://docs.slack.dev/reference/methods/apps.manifest.create',
  },
  'apps.manifest.export': {
    title: 'Slack: apps.manifest.export',
    url: 'https://docs.slack.dev/reference/methods/apps.manifest.export',
  },
  'apps.manifest.delete': {
    title: 'Slack: apps.manifest.delete',
    url: 'https://docs.slack.dev/reference/methods/apps.manifest.delete',
  },
  'tooling.tokens.rotate': {
    title: 'Slack: tooling.tokens.rotate',
    url: 'https://docs.slack.dev/reference/methods/tooling.tokens.rotate',
  },
  'auth.test': { title: 'Slack: auth.test', url: 'https://docs.slack.dev/reference/methods/auth.test' },
  'chat.postMessage': {
    title: 'Slack: chat.postMessage',
    url: 'https://docs.slack.dev/reference/methods/chat.postMessage',
  },
  'rate-limits': {
    title: 'Slack: Rate limits',
    url: 'https://docs.slack.dev/apis/web-api/rate-limits',
  },
  'oauth-state': {
    title: "Slack's Python SDK: OAuth",
    url: 'https://docs.slack.dev/tools/python-slack-sdk/oauth',
  },
  'spacelift-slack-integration': {
    title: 'Spacelift: Slack integration',
    url: 'https://docs.spacelift.io/self-hosted/latest/integrations/chatops/slack',
  },
  reports: { title: 'public reports; not in the documentation' },
} as const satisfies Record<string, { readonly title: string; readonly url?: string }>;

/** What an error word or sentence of Slack's means to someone who runs a self-hosted Spacelift. */
export interface ErrorWord {
  /** The word as Slack writes it. Words with hyphens are ours, for what Slack shows only as a sentence. */
  readonly word: string;
  /** Other words with the same meaning. */
  readonly alias?: readonly string[];
  /** The sentences that people see, with or without the word; a number in one stands for any number. */
  readonly shown?: readonly string[];
  /** What it means here, in one or two sentences. */
  readonly meaning: string;
  /** Sentences, the likeliest cause first. */
  readonly causes: readonly string[];
  /** What to do, as one sentence: also the hint of an error. */
  readonly advice: string;
  /** Commands to run, in this order. */
  readonly run: readonly string[];
  readonly source: keyof typeof sources;
}
