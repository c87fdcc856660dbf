// Loaded first by the build tool that a sweep starts for a point: it ends when the sweep is gone, however that ended, so that
// nothing goes on to write into outputs that nobody waits for. The channel alone keeps no process alive.
process.channel?.unref();
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
