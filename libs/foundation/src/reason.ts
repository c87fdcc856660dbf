/**
 * Why something failed, in the words of whatever was thrown: errors of ours and of others, those of another realm, those
 * that stand for several and have no words themselves, and what is no error at all.
 */
export function reasonOf(cause: unknown): string {
  const message = typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : '';
  if (message !== '') return message;
  return cause instanceof AggregateError && cause.errors.length > 0 ? reasonOf(cause.errors[0]) : String(cause);
}
