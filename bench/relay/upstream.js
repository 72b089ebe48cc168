// A Spacelift that takes everything at once. Says on standard output how many events it has had, when asked by SIGUSR2.
import { createServer } from 'node:http';

let count = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    count += 1;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end('{"response_type":"ephemeral","text":"Hello"}');
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env['PORT']), '127.0.0.1');
process.on('SIGUSR2', () => process.stdout.write(`${count}\n`));
