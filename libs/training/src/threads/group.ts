/** Threads that work on one batch, each on some of its pictures, as one member of the group. */
export interface Group {
  /** Pictures of the whole batch. @param own those of this member */
  pictures(own: number): number;
  /** What all members give, added up number by number. */
  sum(values: Float32Array): Float32Array;
}

/** The group of one. */
export const ALONE: Group = { pictures: (own) => own, sum: (values) => values };

/** Indices into the control words. */
const ARRIVED = 0;
const TURN = 1;
const BROKEN = 2;

/** Memory that the members of a group have in common. */
export interface GroupMemory {
  readonly control: Int32Array;
  /** Two areas, used in turns: [area][member][number]. */
  readonly sums: Float32Array;
  readonly members: number;
}

/** @param numbers the most that are ever added up at once */
export function groupMemory(members: number, numbers: number): GroupMemory {
  return {
    control: new Int32Array(new SharedArrayBuffer(3 * 4)),
    sums: new Float32Array(new SharedArrayBuffer(2 * members * numbers * 4)),
    members,
  };
}

/** Wakes all who wait and lets them fail: one of them will not come. */
export function breakGroup({ control }: GroupMemory): void {
  Atomics.store(control, BROKEN, 1);
  Atomics.add(control, TURN, 1);
  Atomics.notify(control, TURN);
}

/**
 * A member that waits for the others at each sum. Members add in the order of their ranks, in double precision, so that each gets
 * the same bytes, in every run.
 */
export class Member implements Group {
  private present = 1;
  private total = 0;
  private area = 0;

  constructor(
    private readonly memory: GroupMemory,
    private readonly rank: number,
  ) {}

  /** For the next batch: this many members take part, those with the lowest ranks, and this many pictures. */
  begin(present: number, pictures: number): void {
    [this.present, this.total] = [present, pictures];
    // All have ended the batch before, and those who were not in it come in where the others are.
    this.area = 0;
  }

  pictures(): number {
    return this.total;
  }

  sum(values: Float32Array): Float32Array {
    const { length } = values;
    this.slot(this.rank, length).set(values);
    this.meet();
    const slots = Array.from({ length: this.present }, (_, rank) => this.slot(rank, length));
    // Nobody writes into this area before all have met again, over the other one, and so have read this.
    this.area = 1 - this.area;
    return Float32Array.from({ length }, (_, at) => slots.reduce((sum, slot) => sum + slot[at], 0));
  }

  private slot(rank: number, length: number): Float32Array {
    const { sums, members } = this.memory;
    const numbers = sums.length / (2 * members);
    if (length > numbers) throw new Error(`internal: ${length} numbers do not fit ${numbers}`);
    const start = (this.area * members + rank) * numbers;
    return sums.subarray(start, start + length);
  }

  /** Returns when all who are present have come. @throws Error where the group is broken */
  private meet(): void {
    const { control } = this.memory;
    const turn = Atomics.load(control, TURN);
    if (Atomics.add(control, ARRIVED, 1) === this.present - 1) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.add(control, TURN, 1);
      Atomics.notify(control, TURN);
    } else while (Atomics.load(control, TURN) === turn) Atomics.wait(control, TURN, turn);
    if (Atomics.load(control, BROKEN) === 1) throw new Error('another thread of the group has failed');
  }
}
