/** What a program said in its last lines, or why it could not be run. */
export function lastWords(cause: unknown, lines = 1): string {
  const { code, killed, stderr } = cause as { code?: unknown; killed?: unknown; stderr?: unknown };
  if (code === 'ENOENT') return 'there is no such program';
  if (killed === true) return 'it did not finish in time';
  const last = typeof stderr === 'string' ? stderr.trim().split('\n').slice(-lines).join('\n') : '';
  return last === '' ? String(cause) : last;
}
