import { createHash, randomBytes, randomInt } from 'node:crypto';
import { at, type Json, manifestErrors } from './manifest-rules.ts';
import { SocketMode } from './socket-mode.ts';

interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
  readonly verification_token: string;
  readonly signing_secret: string;
}

export interface App {
  readonly id: string;
  readonly credentials: Credentials;
  manifest: Json;
}

export interface Grant {
  /** The redirect URI that the browser was sent to Slack with; the exchange must name the same. */
  readonly redirectUri?: string;
  /** Fields of the exchange's response that differ from a plain installation, such as `team: null`. */
  readonly answer?: Readonly<Record<string, Json>>;
}

type Answer = Readonly<Record<string, Json>>;
type Form = Readonly<Record<string, string>>;

export interface Authorization {
  readonly bearer?: string;
  readonly basic?: { readonly user: string; readonly password: string };
}

export interface Method {
  /** How the caller authenticates; anything else is a mistake of the program under test. */
  readonly auth: 'config-token' | 'bot-token' | 'app-token' | 'basic' | 'none';
  /** The arguments that Slack documents; others are a mistake. */
  readonly required: readonly string[];
  readonly optional?: readonly string[] | 'any';
  /** Calls per minute, by Slack's tier. */
  readonly perMinute: number;
  readonly call: (form: Form, authorization: Authorization) => Answer;
}

const refused = (error: string, more: Answer = {}): Answer => ({ ok: false, error, ...more });
const hex = (digits: number) => randomBytes(digits).toString('hex').slice(0, digits);
const letters = (count: number) =>
  Array.from({ length: count }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[randomInt(36)]).join('');

/** What Slack keeps: apps, tokens, codes. Every secret in it is random, so that a test can look for it anywhere. */
export class Workspace {
  /** The workspace; a test may give it the id of an Enterprise organisation, `E…`. */
  readonly team = { id: `T0${letters(9)}`, name: 'Local Team', domain: 'local-team' };
  readonly apps = new Map<string, App>();
  /** Configuration access tokens and what Slack says to each: `valid`, or an error such as `token_expired`. */
  readonly configTokens = new Map<string, string>();
  readonly botTokens = new Map<string, { readonly appId: string; readonly scope: string }>();
  /** App-level tokens. */
  readonly appTokens = new Map<string, { readonly appId: string; readonly scope: string }>();
  readonly socketMode: SocketMode;
  /** A valid configuration access token. */
  readonly configToken: string;
  /** The refresh token that has not been used yet. Each rotation replaces it. */
  refreshToken: string;
  readonly usedRefreshTokens = new Set<string>();
  /** Every message that `chat.postMessage` accepted. */
  readonly messages: Form[] = [];
  readonly #codes = new Map<string, Grant & { readonly app: App; used: boolean }>();

  /** @param problem called with what Slack would not have accepted */
  constructor(problem: (text: string) => void) {
    this.socketMode = new SocketMode(problem);
    this.configToken = this.#newConfigToken();
    this.refreshToken = `xoxe-1-${hex(64)}`;
  }

  /** Adds an app that exists already. */
  addApp(manifest: Json): App {
    const id = `A0${letters(9)}`;
    const credentials: Credentials = {
      client_id: `${randomInt(1e9, 9e9)}.${randomInt(1e12, 9e12)}`,
      client_secret: hex(32),
      verification_token: letters(24).toLowerCase(),
      signing_secret: hex(32),
    };
    const app: App = { id, credentials, manifest };
    this.apps.set(id, app);
    return app;
  }

  addBotToken(app: App, scope = 'chat:write'): string {
    const token = `xoxb-${randomInt(1e9, 9e9)}-${hex(24)}`;
    this.botTokens.set(token, { appId: app.id, scope });
    return token;
  }

  /** Adds an app-level token, as a person creates it on the app's page. */
  addAppToken(app: App, scope = 'connections:write'): string {
    const token = `xapp-1-${app.id}-${randomInt(1e12, 9e12)}-${hex(64)}`;
    this.appTokens.set(token, { appId: app.id, scope });
    return token;
  }

  /** The code that Slack redirects the browser with after a person has agreed. */
  grantCode(app: App, grant: Grant = {}): string {
    const code = `${randomInt(1e9, 9e9)}.${randomInt(1e9, 9e9)}.${hex(64)}`;
    this.#codes.set(code, { ...grant, app, used: false });
    return code;
  }

  /** Every secret that no output may contain. */
  get secrets(): string[] {
    const ofApps = [...this.apps.values()].flatMap(({ credentials }) => [
      credentials.client_secret,
      credentials.signing_secret,
      credentials.verification_token,
    ]);
    return [
      ...ofApps,
      ...this.configTokens.keys(),
      ...this.botTokens.keys(),
      ...this.appTokens.keys(),
      ...this.socketMode.tickets.keys(),
      ...this.usedRefreshTokens,
      this.refreshToken,
    ];
  }

  readonly methods: Readonly<Record<string, Method>> = {
    'api.test': {
      auth: 'none',
      required: [],
      optional: 'any',
      perMinute: 100,
      call: (form) =>
        form['error'] === undefined
          ? { ok: true, args: { ...form } }
          : refused(form['error'], { args: { ...form } }),
    },
    'auth.test': {
      auth: 'bot-token',
      required: [],
      perMinute: 300,
      call: (_, { bearer = '' }) => ({
        ok: true,
        url: `https://${this.team.domain}.slack.com/`,
        team: this.team.name,
        user: 'spacelift',
        team_id: this.team.id,
        user_id: 'U0LOCALBOT',
        bot_id: 'B0LOCALBOT',
        app_id: this.botTokens.get(bearer)?.appId ?? null,
        is_enterprise_install: false,
      }),
    },
    'auth.revoke': {
      auth: 'bot-token',
      required: [],
      optional: ['test'],
      perMinute: 50,
      call: (_, { bearer = '' }) => {
        this.botTokens.delete(bearer);
        return { ok: true, revoked: true };
      },
    },
    'chat.postMessage': {
      auth: 'bot-token',
      required: ['channel'],
      optional: ['text', 'blocks', 'thread_ts', 'unfurl_links', 'unfurl_media', 'metadata', 'mrkdwn'],
      perMinute: 60,
      call: (form) => this.#postMessage(form),
    },
    'oauth.v2.access': {
      auth: 'basic',
      required: ['code'],
      optional: ['redirect_uri'],
      perMinute: 600,
      call: (form, { basic }) => this.#exchange(form, basic),
    },
    'tooling.tokens.rotate': {
      auth: 'none',
      required: ['refresh_token'],
      perMinute: 20,
      call: (form) => this.#rotate(form['refresh_token'] ?? ''),
    },
    'apps.connections.open': {
      auth: 'app-token',
      required: [],
      perMinute: 50,
      call: (_, { bearer = '' }) => this.#openConnection(bearer),
    },
    'apps.manifest.validate': {
      auth: 'config-token',
      required: ['manifest'],
      optional: ['app_id'],
      perMinute: 50,
      call: (form) =>
        this.#withManifest(form, () =>
          form['app_id'] === undefined
            ? { ok: true, errors: [] }
            : this.#withApp(form, () => ({ ok: true, errors: [] })),
        ),
    },
    'apps.manifest.create': {
      auth: 'config-token',
      required: ['manifest'],
      optional: ['team_id'],
      perMinute: 1,
      call: (form) =>
        this.#withManifest(form, (manifest) => {
          const app = this.addApp(manifest);
          return {
            ok: true,
            app_id: app.id,
            credentials: { ...app.credentials },
            oauth_authorize_url: `https://slack.com/oauth/v2/authorize?client_id=${app.credentials.client_id}&scope=${scopesOf(manifest).join(',')}`,
            team_id: this.team.id,
            team_domain: this.team.domain,
          };
        }),
    },
    'apps.manifest.update': {
      auth: 'config-token',
      required: ['app_id', 'manifest'],
      perMinute: 1,
      call: (form) =>
        this.#withApp(form, (app) => this.#withManifest(form, (manifest) => update(app, manifest))),
    },
    'apps.manifest.export': {
      auth: 'config-token',
      required: ['app_id'],
      perMinute: 50,
      call: (form) => this.#withApp(form, (app) => ({ ok: true, manifest: exported(app.manifest) })),
    },
    'apps.manifest.delete': {
      auth: 'config-token',
      required: ['app_id'],
      perMinute: 1,
      call: (form) =>
        this.#withApp(form, (app) => {
          this.apps.delete(app.id);
          return { ok: true };
        }),
    },
  };

  /** Slack's response to an invalid token, or undefined if it is valid. */
  refusal(auth: Method['auth'], { bearer }: Authorization): Answer | undefined {
    if (auth === 'basic' || auth === 'none') return undefined;
    if (bearer === undefined) return refused('not_authed');
    if (auth === 'bot-token') return this.botTokens.has(bearer) ? undefined : refused('invalid_auth');
    if (auth === 'app-token') {
      if (this.appTokens.has(bearer)) return undefined;
      const known = this.botTokens.has(bearer) || this.configTokens.has(bearer);
      return refused(known ? 'not_allowed_token_type' : 'invalid_auth');
    }
    const state = this.configTokens.get(bearer);
    if (state === 'valid') return undefined;
    return refused(state ?? (this.botTokens.has(bearer) ? 'not_allowed_token_type' : 'invalid_auth'));
  }

  #newConfigToken(): string {
    const token = `xoxe.xoxp-1-${hex(64)}`;
    this.configTokens.set(token, 'valid');
    return token;
  }

  #rotate(refreshToken: string): Answer {
    if (refreshToken !== this.refreshToken) return refused('invalid_refresh_token');
    this.usedRefreshTokens.add(refreshToken);
    this.refreshToken = `xoxe-1-${hex(64)}`;
    const iat = Math.floor(Date.now() / 1000);
    return {
      ok: true,
      token: this.#newConfigToken(),
      refresh_token: this.refreshToken,
      team_id: this.team.id,
      user_id: 'U0LOCALUSER',
      iat,
      exp: iat + 43_200,
    };
  }

  #withManifest(form: Form, work: (manifest: Json) => Answer): Answer {
    const manifest: Json = JSON.parse(form['manifest'] ?? '{}');
    const errors = manifestErrors(manifest);
    if (errors.length === 0) return work(manifest);
    return refused('invalid_manifest', { errors: errors.map((error) => ({ ...error })) });
  }

  #withApp(form: Form, work: (app: App) => Answer): Answer {
    const id = form['app_id'] ?? '';
    if (!/^A[A-Z0-9]+$/.test(id)) return refused('invalid_app_id');
    const app = this.apps.get(id);
    return app ? work(app) : refused('app_not_found');
  }

  #exchange(form: Form, basic: Authorization['basic']): Answer {
    const app = [...this.apps.values()].find(({ credentials }) => credentials.client_id === basic?.user);
    if (!app) return refused('invalid_client_id');
    if (app.credentials.client_secret !== basic?.password) return refused('bad_client_secret');
    const grant = this.#codes.get(form['code'] ?? '');
    if (!grant || grant.app !== app) return refused('invalid_code');
    if (grant.used) return refused('code_already_used');
    if (grant.redirectUri !== form['redirect_uri']) return refused('bad_redirect_uri');
    grant.used = true;
    const scope = scopesOf(app.manifest).join(',');
    return {
      ok: true,
      access_token: this.addBotToken(app, scope),
      token_type: 'bot',
      scope,
      bot_user_id: 'U0LOCALBOT',
      app_id: app.id,
      team: { id: this.team.id, name: this.team.name },
      enterprise: null,
      is_enterprise_install: false,
      authed_user: { id: 'U0LOCALUSER' },
      ...grant.answer,
    };
  }

  #openConnection(token: string): Answer {
    const { appId = '', scope = '' } = this.appTokens.get(token) ?? {};
    if (scope !== 'connections:write') {
      return refused('missing_scope', { needed: 'connections:write', provided: scope });
    }
    const app = this.apps.get(appId);
    if (at(app?.manifest, 'settings', 'socket_mode_enabled') !== true) {
      return refused('socket_mode_not_enabled');
    }
    const url = this.socketMode.issueUrl(appId);
    return { ok: true, url, response_metadata: { scopes: [scope], acceptedScopes: ['connections:write'] } };
  }

  #postMessage(form: Form): Answer {
    const { channel = '', text = '', blocks } = form;
    if (!/^[CGD][A-Z0-9]+$/.test(channel)) return refused('channel_not_found');
    if (text === '' && blocks === undefined) return refused('no_text');
    this.messages.push(form);
    const ts = `${Math.floor(Date.now() / 1000)}.${String(this.messages.length).padStart(6, '0')}`;
    return { ok: true, channel, ts, message: { type: 'message', text, ts, bot_id: 'B0LOCALBOT' } };
  }
}

function scopesOf(manifest: Json): string[] {
  const scopes = at(manifest, 'oauth_config', 'scopes', 'bot');
  return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : [];
}

/** The new document replaces the old one; only a background colour that it leaves out stays. */
function update(app: App, manifest: Json): Answer {
  const colour = at(app.manifest, 'display_information', 'background_color');
  const display = at(manifest, 'display_information');
  const permissionsUpdated = digest(scopesOf(app.manifest)) !== digest(scopesOf(manifest));
  app.manifest =
    colour !== undefined && typeof display === 'object' && typeof manifest === 'object'
      ? { ...manifest, display_information: { background_color: colour, ...display } }
      : manifest;
  return { ok: true, app_id: app.id, permissions_updated: permissionsUpdated };
}

function digest(scopes: readonly string[]): string {
  return createHash('sha256')
    .update([...scopes].sort().join(' '))
    .digest('hex');
}

/** An export has additional keys that the published schema does not know. */
function exported(manifest: Json): Json {
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) return manifest;
  const { oauth_config: oauth, settings, ...rest } = manifest as Answer;
  const extended = (part: Json | undefined, more: Answer): Json =>
    typeof part === 'object' && part !== null ? { ...part, ...more } : more;
  return {
    ...rest,
    settings: extended(settings, { app_level_token_rotation_enabled: false }),
    ...(oauth === undefined ? {} : { oauth_config: extended(oauth, { pkce_enabled: false }) }),
  };
}
