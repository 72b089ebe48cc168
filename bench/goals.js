// What was to be reached, beside what a run has measured.
import { figure } from './table.js';

/**
 * @param {Readonly<Record<string, any>>} results by part
 * @returns {(readonly [what: string, goal: string, measured: string, met: string])[]}
 */
export function goalRows({ startup, serve, events, relay, queue }) {
  const ratioOf = (name) => startup.starts[0].runs.find((run) => run.name === name).ratio;
  const helps = startup.starts[0].runs.filter(({ name }) => /--help|--list/.test(name));
  const validated = (count) => startup.validations.find(({ files }) => files === count).own;
  const start = serve.starts.find(({ server }) => server === 'serve');
  const load = (name, server = 'serve') =>
    serve.loads.find((one) => one.load === name && one.server === server);
  const stored = events.servers.find(({ name }) => name === 'serve');
  const relayOf = (name) => relay.proxies.find((one) => one.name === name).relayOf.ratio;
  return [
    atMost('`manifest --domain`, of `node -e 0`', 1.35, ratioOf('manifest --domain')),
    atMost('help and `doctor --list`, the slowest', 1.4, Math.max(...helps.map(({ ratio }) => ratio))),
    atMost('`manifest validate` of one file', 2, ratioOf('manifest validate, 1 file')),
    atMost('`manifest validate` of 1,000 files', 0.8, validated(1_000).milliseconds / 1_000, ' s'),
    atMost('start of the stand-in to its first 200, of bare', 3, start.ofBare.ratio),
    atMost('memory of the stand-in at its first 200', 70, start.atFirst200, ' MB'),
    atMost('memory of the stand-in after load', 100, start.afterLoad, ' MB'),
    atLeast('signed command, of bare', 0.7, load('command').ofBare.ratio),
    atLeast('signed command, of Bolt', 3.5, load('command').ofBolt.ratio),
    atLeast('signed command with `--quiet`, of bare', 0.8, load('command', 'serve --quiet').ofBare.ratio),
    atLeast('forged command, of bare', 0.7, load('forged command').ofBare.ratio),
    atLeast('events on SQLite, of a bare server that flushes as often', 0.8, stored.perSecond.ofBare.ratio),
    atLeast('relay, of fast-proxy', 1, relayOf('fast-proxy')),
    atLeast('relay, of nginx', 0.3, relayOf('nginx')),
    atMost('CPU time of one delivery from the longest queue', 1.5, queue.at(-1).delivery.cpu, ' ms'),
  ];
}

function atMost(what, goal, measured, unit = '') {
  return row(what, `at most ${goal}${unit}`, measured, unit, measured <= goal);
}

function atLeast(what, goal, measured, unit = '') {
  return row(what, `at least ${goal}${unit}`, measured, unit, measured >= goal);
}

function row(what, goal, measured, unit, met) {
  return [what, goal, `${figure(measured)}${unit}`, met ? 'yes' : 'no'];
}
