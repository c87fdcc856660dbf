import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../isp/transport';

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds) => {
    await setTimeout(milliseconds);
  },
};
