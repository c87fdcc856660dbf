export type ProgressUnit = 'file' | 'picture' | 'byte' | 'batch' | 'epoch' | 'layer' | 'candidate';

/** What a library tells while it works. The caller picks the dress: a bar, a line, JSON. */
export type StageEvent =
  | {
      readonly type: 'progress';
      /** What is being done, in the gerund: "decoding pictures". One task at a time. */
      readonly task: string;
      readonly done: number;
      readonly total: number;
      readonly unit: ProgressUnit;
      /** Figures of the moment, for example `{ loss: 0.31 }`. */
      readonly figures?: Readonly<Record<string, number>>;
    }
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'warning'; readonly code: string; readonly message: string };

export type Report = (event: StageEvent) => void;

/** For callers that do not listen. */
export const silent: Report = () => undefined;
