/**
 * The script of the status page. It writes only `textContent`, so that nothing it shows is read as HTML. An EventSource
 * connects again by itself.
 */
export const script = `
'use strict';
const maxRows = 200;
const $ = (id) => document.getElementById(id);
const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};
const duration = (seconds) => seconds < 120 ? seconds + ' s' : seconds < 7200 ? Math.round(seconds / 60) + ' min' : Math.round(seconds / 3600) + ' h';
const number = (value) => value.toLocaleString('en');
const mebibytes = (bytes) => number(Math.round(bytes / 1048576)) + ' MiB';
const card = (title, value, notes, className) => {
  const made = document.createElement('div');
  const dd = element('dd', value, className);
  for (const note of notes) if (note) dd.append(element('small', note));
  made.append(element('dt', title), dd);
  return made;
};

const circuit = ({ origin, circuitOpenMs, lastFailure }) => {
  const openFor = circuitOpenMs !== undefined && 'for ' + duration(Math.round(circuitOpenMs / 1000));
  const failure = lastFailure && 'last failure ' + new Date(lastFailure.at).toLocaleTimeString() + ': ' + lastFailure.reason;
  return card('Circuit', openFor ? 'open' : 'closed', [openFor, origin, failure], openFor ? 'bad' : 'good');
};

const waiting = ({ waiting, oldestSeconds, oldest }) => {
  const tried = oldest && oldest.attempts + (oldest.attempts === 1 ? ' attempt' : ' attempts') + (oldest.failure ? ': ' + oldest.failure : '');
  return card('Waiting events', number(waiting), [waiting > 0 && 'oldest ' + duration(oldestSeconds), tried], oldestSeconds > 300 ? 'bad' : '');
};

const limit = ({ waiting, setAside, bytes, limit, usedRatio, isFull }) => {
  const used = [number(waiting + setAside) + ' of ' + number(limit.events) + ' events', mebibytes(bytes) + ' of ' + mebibytes(limit.bytes)];
  return card('Queue limit', isFull ? 'full' : Math.floor(usedRatio * 100) + ' % used', [isFull && 'new events get 503', ...used], isFull || usedRatio > 0.8 ? 'bad' : '');
};

const cards = ({ upstream, queue, sockets }) => {
  const made = [];
  if (upstream) made.push(circuit(upstream));
  else made.push(card('Mode', 'stand-in', ['no --upstream']));
  if (queue === null) made.push(card('Queue', 'unknown', ['the store fails'], 'bad'));
  if (queue) made.push(waiting(queue), card('Dead letters', number(queue.setAside), [], queue.setAside ? 'bad' : ''), limit(queue));
  if (sockets) made.push(card('Connections to Slack', sockets.ready + ' of ' + sockets.wanted, ['last message ' + duration(Math.round(sockets.silentForMs / 1000)) + ' ago'], sockets.ready ? 'good' : 'bad'));
  return made;
};

const deadLetter = ({ eventId, workspace, type, failure, command }) => {
  const made = element('li', [eventId, workspace, type, failure].filter(Boolean).join(' · '));
  made.append(element('code', command));
  return made;
};

const row = ({ at, kind, who, what, status, outcome, milliseconds, reason }) => {
  const made = document.createElement('tr');
  made.append(
    element('td', new Date(at).toLocaleTimeString()),
    element('td', kind),
    element('td', who || ''),
    element('td', what || '', 'what'),
    element('td', status + ' ' + outcome, status >= 400 || status === 0 || outcome === 'not-forwarded' ? 'bad' : ''),
    element('td', milliseconds, 'ms'),
    element('td', reason || '', 'reason'),
  );
  return made;
};

const list = (section, items) => {
  $(section).hidden = items.length === 0;
  $(section).querySelector('ul').replaceChildren(...items);
};

const state = (text, className) => {
  $('state').textContent = text;
  $('state').className = className;
};

const source = new EventSource('status/events');
source.onopen = () => $('requests').replaceChildren();
let updated;
source.onerror = () => {
  state('no connection to this server' + (updated ? '; the figures are of ' + updated : ''), 'bad');
  document.body.className = 'old';
};
source.onmessage = ({ data }) => {
  const status = JSON.parse(data);
  updated = new Date(status.at).toLocaleTimeString();
  document.body.className = '';
  $('name').textContent = status.version + ' · ' + status.name;
  state(status.notReady === undefined ? 'ready' : 'not ready: ' + status.notReady, status.notReady === undefined ? 'good' : 'bad');
  $('cards').replaceChildren(...cards(status));
  list('dead', status.queue ? status.queue.deadLetters.map(deadLetter) : []);
  list('replicas', (status.replicas || []).map(({ replica, open, connections }) => element('li', replica + ': ' + open + ' of ' + connections + ' connections')));
  for (const request of status.requests) $('requests').prepend(row(request));
  while ($('requests').children.length > maxRows) $('requests').lastElementChild.remove();
  $('none').hidden = $('requests').children.length > 0;
};
`;
