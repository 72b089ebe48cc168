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
const card = (title, value, note, className) => {
  const made = document.createElement('div');
  const dd = element('dd', value, className);
  if (note) dd.append(element('small', note));
  made.append(element('dt', title), dd);
  return made;
};

const cards = ({ upstream, queue, sockets }) => {
  const made = [];
  if (upstream) made.push(card('Circuit', upstream.isCircuitOpen ? 'open' : 'closed', upstream.origin, upstream.isCircuitOpen ? 'bad' : 'good'));
  else made.push(card('Mode', 'stand-in', 'no --upstream'));
  if (queue === null) made.push(card('Queue', 'unknown', 'the store fails', 'bad'));
  if (queue) {
    made.push(card('Waiting events', queue.waiting, queue.waiting ? 'oldest ' + duration(queue.oldestSeconds) : '', queue.oldestSeconds > 300 ? 'bad' : ''));
    made.push(card('Dead letters', queue.setAside, '', queue.setAside ? 'bad' : ''));
  }
  if (sockets) made.push(card('Connections to Slack', sockets.ready + ' of ' + sockets.wanted, 'last message ' + duration(Math.round(sockets.silentForMs / 1000)) + ' ago', sockets.ready ? 'good' : 'bad'));
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
source.onerror = () => state('no connection to this server', 'bad');
source.onmessage = ({ data }) => {
  const status = JSON.parse(data);
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
