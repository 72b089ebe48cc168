import { createHash, randomBytes } from 'node:crypto';
import { describeSlackFailure } from '../../slack/api/slack-error.ts';
import type { SlackApi, SlackFailure } from '../../slack/api/web-api.ts';
import { explainError } from '../../slack/error-words/error-words.ts';
import type { Store } from '../../store/store.ts';
import type { RequestHeaders } from '../http/headers.ts';
import type { Handled, HttpRequest, Route, RouteResult } from '../http/route.ts';
import { mayInstall, type Revocation, readInstallation, revokeToken } from './installations.ts';
import { type Page, pageResponse } from './pages.ts';
import { installPath, redirectPath } from './paths.ts';

export interface OAuthSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The bot scopes to ask for. */
  readonly scopes: readonly string[];
  /** Where Slack redirects the browser. Without it Slack uses the app's first redirect URL. */
  readonly redirectUri: string | undefined;
  /** The workspaces and organisations that may install the app. Without it, any may. */
  readonly allowedWorkspaces?: readonly string[] | undefined;
  readonly slack: SlackApi;
  readonly store: Store;
}

/** How long an installation may take, in milliseconds. Slack's code is valid for as long. */
const stateLifetime = 10 * 60_000;
/** 32 random bytes in base64url. */
const secretFormat = /^[A-Za-z0-9_-]{43}$/;
/** `__Host-` binds the cookie to this host, so that another subdomain cannot set it. */
const cookiePrefix = '__Host-spacelift-slack-install';
const startAgain = { href: installPath, label: 'Start the installation again' };

/** Slack's OAuth v2: an installation starts here, is approved in Slack, and ends here, in the same browser. */
export function oauthRoutes(settings: OAuthSettings): readonly Route[] {
  return [
    {
      kind: 'install',
      method: 'GET',
      path: installPath,
      handle: async (request) => ({ ...(await install(request, settings)), subject: { kind: 'install' } }),
    },
    {
      kind: 'oauth',
      method: 'GET',
      path: redirectPath,
      handle: (request) => callback(request, settings),
    },
  ];
}

async function install({ id, receivedAt }: HttpRequest, settings: OAuthSettings): Promise<Handled> {
  const state = randomSecret();
  const browser = randomSecret();
  try {
    await settings.store.oauthStates.save({
      stateHash: hash(state),
      browserHash: hash(browser),
      expiresAt: receivedAt + stateLifetime,
    });
  } catch (error) {
    return storeFailed(id, error);
  }
  const authorize = new URL(`${settings.slack.url}/oauth/v2/authorize`);
  authorize.searchParams.set('client_id', settings.clientId);
  authorize.searchParams.set('scope', settings.scopes.join(','));
  authorize.searchParams.set('state', state);
  if (settings.redirectUri !== undefined) authorize.searchParams.set('redirect_uri', settings.redirectUri);
  return {
    response: {
      status: 302,
      headers: {
        Location: authorize.href,
        'Set-Cookie': `${cookieNameOf(state)}=${browser}; Path=/; Max-Age=${stateLifetime / 1000}; Secure; HttpOnly; SameSite=Lax`,
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'no-referrer',
      },
    },
    outcome: { kind: 'redirected' },
  };
}

async function callback(request: HttpRequest, settings: OAuthSettings): Promise<RouteResult> {
  const { id } = request;
  const subject = { kind: 'oauth' };
  const query = new URLSearchParams(request.query);
  let claim: StateClaim;
  try {
    claim = await claimState(query, request, settings.store);
  } catch (error) {
    return { ...storeFailed(id, error), subject };
  }
  // Slack's own error comes first: whether the state is valid does not matter to a person who pressed Cancel.
  const [error] = query.getAll('error');
  if (error !== undefined) return { ...slackError(id, error), subject };
  if (claim !== 'valid') return { ...notInstalled(id, 400, statePages[claim], `state ${claim}`), subject };
  const [code = '', ...moreCodes] = query.getAll('code');
  if (code === '' || moreCodes.length > 0) {
    return { ...notInstalled(id, 400, noCode, 'no code, or several'), subject };
  }
  return finishInstallation(code, request, settings);
}

type StateClaim = 'valid' | 'missing' | 'unknown' | 'expired' | 'foreign';

/** Checks the state that came back, and deletes it: it works only once, whatever the result. */
async function claimState(query: URLSearchParams, request: HttpRequest, store: Store): Promise<StateClaim> {
  const [state = '', ...more] = query.getAll('state');
  if (state === '') return 'missing';
  if (more.length > 0 || !secretFormat.test(state)) return 'unknown';
  const saved = await store.oauthStates.take(hash(state));
  if (!saved) return 'unknown';
  if (saved.expiresAt <= request.receivedAt) return 'expired';
  const browser = readCookie(request.headers, cookieNameOf(state));
  return browser !== undefined && hash(browser) === saved.browserHash ? 'valid' : 'foreign';
}

const statePages = {
  missing: {
    title: 'This installation was not started here',
    paragraphs: ['For security, an installation has to start on this server. Start it here instead.'],
    link: { ...startAgain, label: 'Start the installation' },
  },
  // Used, expired and deleted, or never issued: the store cannot tell them apart.
  unknown: {
    title: 'This link is not valid',
    paragraphs: [
      'An installation link works once and for ten minutes. If you reloaded this page, the app may be installed already.',
    ],
    link: startAgain,
  },
  expired: {
    title: 'The installation took too long',
    paragraphs: ['An installation must be finished within ten minutes. Nothing was installed.'],
    link: startAgain,
  },
  foreign: {
    title: 'This is not the browser in which the installation started',
    paragraphs: [
      'An installation must be finished in the same browser, with cookies allowed. Nothing was installed.',
    ],
    link: startAgain,
  },
} satisfies Record<Exclude<StateClaim, 'valid'>, Page>;

const noCode: Page = {
  title: 'Slack sent no code',
  paragraphs: ['Without a code the installation cannot be finished. Nothing was installed.'],
  link: startAgain,
};

/** Exchanges the code for the bot token (Slack: oauth.v2.access) and stores the installation. */
async function finishInstallation(
  code: string,
  { id, receivedAt }: HttpRequest,
  settings: OAuthSettings,
): Promise<RouteResult> {
  const { slack, store, clientId, clientSecret, redirectUri } = settings;
  const result = await slack.call(
    'oauth.v2.access',
    { code, ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }) },
    { clientId, clientSecret },
  );
  if (!result.ok) return { ...exchangeFailed(id, result.failure, slack.url), subject: { kind: 'oauth' } };
  const installation = readInstallation(result.value, receivedAt);
  if (!installation) {
    return {
      ...notInstalled(id, 502, noBotToken, 'no bot token in the response'),
      subject: { kind: 'oauth' },
    };
  }
  const subject = { kind: 'oauth', who: installation.id };
  if (!mayInstall(installation, settings.allowedWorkspaces)) {
    return { ...notAllowed(id, await revokeToken(installation.tokens.bot, slack), slack.url), subject };
  }
  try {
    await store.installations.save(installation);
  } catch (error) {
    return { ...storeFailed(id, error), subject };
  }
  const place = installation.teamName ?? installation.enterpriseName ?? installation.id;
  const response = pageResponse(id, 200, {
    title: 'Installed',
    paragraphs: [`The app is now part of ${place}. You can close this page and go back to Slack.`],
  });
  return { response, subject, outcome: { kind: 'installed' } };
}

/** The workspace is not on the list: nothing is stored, and the token that it has just granted is revoked. */
function notAllowed(id: string, revocation: Revocation, slackUrl: string): Handled {
  const isRevoked = revocation.kind !== 'failed';
  const page = {
    title: 'This workspace is not allowed',
    paragraphs: [
      'The operator of this server limits which Slack workspaces may install the app.',
      isRevoked
        ? 'Nothing was stored, and the access that you granted has been revoked.'
        : 'Nothing was stored. The access that you granted could not be revoked: remove the app in the settings of your workspace.',
    ],
  };
  const reason = isRevoked
    ? 'workspace not allowed, token revoked'
    : `workspace not allowed, token not revoked: ${describeSlackFailure(revocation.failure, slackUrl)}`;
  return notInstalled(id, 403, page, reason);
}

const noBotToken: Page = {
  title: 'Slack returned no bot token',
  paragraphs: ['The app was approved without a bot. Check that its manifest has bot scopes.'],
  link: startAgain,
};

function exchangeFailed(id: string, failure: SlackFailure, slackUrl: string): Handled {
  if (failure.kind === 'refused') return slackError(id, failure.error);
  const late = failure.kind === 'timeout';
  const page = {
    title: late ? 'Slack did not respond in time' : 'Slack could not be reached',
    paragraphs: ['You approved the installation, but Slack did not return the token. Try again in a minute.'],
    link: startAgain,
  };
  return notInstalled(id, late ? 504 : 502, page, describeSlackFailure(failure, slackUrl));
}

/** A page for one of Slack's error codes. A code that is not in the table is shown as it is. */
function slackError(id: string, code: string): Handled {
  const short = code.slice(0, 100);
  if (code === 'access_denied') return notInstalled(id, 400, cancelled, short);
  const known = explainError(code);
  const page = {
    title: 'Slack did not install the app',
    paragraphs: [...(known ? [known.meaning, known.advice] : []), `Slack's error code: ${short}`],
    link: startAgain,
  };
  return notInstalled(id, 400, page, short);
}

const cancelled: Page = {
  title: 'The installation was cancelled',
  paragraphs: [
    'Nothing was installed. If an administrator has to approve the app first, request that in Slack.',
  ],
  link: startAgain,
};

function notInstalled(id: string, status: number, page: Page, reason: string): Handled {
  return { response: pageResponse(id, status, page), outcome: { kind: 'not-installed', reason } };
}

function storeFailed(id: string, error: unknown): Handled {
  const response = pageResponse(id, 503, {
    title: 'The installation could not be saved',
    paragraphs: [
      'This server cannot reach its database at the moment. The installation is not finished. Try again in a minute.',
    ],
    link: startAgain,
  });
  return { response, outcome: { kind: 'not-stored', error } };
}

/** Each installation has its own cookie, so that those of two tabs can both be finished. */
function cookieNameOf(state: string): string {
  return `${cookiePrefix}-${hash(state).slice(0, 16)}`;
}

/**
 * The browser's secret, if there is exactly one cookie of this name and it is well-formed. Only space and tab surround
 * a name (RFC 6265, 4.2.1): a browser stores other blanks as part of it, without the rules for `__Host-`.
 */
function readCookie(headers: RequestHeaders, name: string): string | undefined {
  const values = (headers['cookie'] ?? [])
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value, ...more] = values;
  return value !== undefined && more.length === 0 && secretFormat.test(value) ? value : undefined;
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
