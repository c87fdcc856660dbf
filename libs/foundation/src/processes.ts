/** Whether a process of this number runs, of whoever it is. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be asked, and is one all the same.
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}
