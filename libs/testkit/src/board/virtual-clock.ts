/** Time that passes only when somebody waits. Milliseconds. */
export class VirtualClock {
  private current = 0;

  now(): number {
    return this.current;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.advanceTo(this.current + milliseconds);
  }

  /** Never goes back. */
  advanceTo(time: number): void {
    this.current = Math.max(this.current, time);
  }
}
