// Opens idle connections in a process of its own: node connections-child.mjs PORT COUNT. Sends how many came about.
import { connect } from 'node:net';

const [, , port, count] = process.argv;
const opened = [];
for (let n = 0; n < Number(count); n += 100) {
  const some = Array.from({ length: 100 }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  });
  opened.push(...(await Promise.all(some)));
}
process.send?.(opened.filter(Boolean).length);
