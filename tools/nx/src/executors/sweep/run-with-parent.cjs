// run-with-parent.cjs <program.js> [argument…]: runs a program of Node and ends it when the process that started this one is
// gone, however that ended, so that nothing goes on to write into outputs that nobody waits for. It must be started with a channel.
const { spawn } = require('node:child_process');

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] });
const stop = () => child.kill('SIGTERM');
process.once('disconnect', stop);
process.once('SIGTERM', stop);
// A terminal tells the child by itself; this one waits for it.
process.once('SIGINT', () => undefined);
child.once('close', (code) => {
  process.exitCode = code ?? 1;
  process.removeListener('disconnect', stop);
  if (process.connected) process.disconnect();
});
