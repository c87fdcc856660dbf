/** One broken rule of a kmodel file. */
export interface Finding {
  /** error: a loader, the chip or another reader goes wrong; warning: works, but is unwise or a known quirk. */
  readonly severity: 'error' | 'warning';
  /** From the first byte of the file. */
  readonly offset: number;
  /** Counted from 0; null: the file as a whole. */
  readonly layer: number | null;
  /** Stable kebab-case name of the rule. */
  readonly rule: string;
  readonly message: string;
}

/** Kept of each severity. Noise can break a rule every few bytes; nobody reads so far. */
const MOST = 1000;

/** Collects findings, all under the layer that is being looked at. */
export class Findings {
  readonly list: Finding[] = [];
  layer: number | null = null;
  private readonly count = { error: 0, warning: 0 };

  error(rule: string, offset: number, message: string): void {
    this.add('error', offset, rule, message);
  }

  warning(rule: string, offset: number, message: string): void {
    this.add('warning', offset, rule, message);
  }

  /** Complains unless the value is the one wanted. */
  expect(rule: string, offset: number, what: string, found: number, wanted: number): void {
    if (found !== wanted) this.error(rule, offset, `${what} is ${found}, must be ${wanted}`);
  }

  private add(severity: Finding['severity'], offset: number, rule: string, message: string): void {
    const before = this.count[severity]++;
    if (before < MOST) this.list.push({ severity, offset, layer: this.layer, rule, message });
    if (before === MOST) {
      this.list.push({ severity, offset, layer: null, rule: 'more', message: `any further ${severity} is left out` });
    }
  }
}

/** A layer's bytes as far as the file has them. The body starts at a file offset; `end` is past its last byte. */
export interface Body {
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

/** Bytes between blocks must be zero. One finding at the first that is not. */
export function checkZero(findings: Findings, view: DataView, from: number, to: number): void {
  for (let offset = from; offset < to; offset++) {
    if (view.getUint8(offset) !== 0) {
      findings.error('padding', offset, `padding byte is ${view.getUint8(offset)}, must be 0`);
      return;
    }
  }
}
