import type { Place } from '@graft/foundation';

/** A text with its path as people should see it. */
export class SourceFile {
  readonly text: string;
  private readonly lineStarts: readonly number[];

  constructor(
    readonly path: string,
    text: string,
  ) {
    // A byte order mark is an editor's habit, not content.
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.lineStarts = starts;
  }

  /** The place from offset `start` to `end`, cut at the end of its first line. */
  place(start: number, end: number): Place {
    const line = this.lineOf(start);
    const lineStart = this.lineStarts[line - 1];
    const text = this.lineText(line);
    const column = Math.min(start - lineStart, text.length) + 1;
    return {
      file: this.path,
      line,
      column,
      length: Math.max(1, Math.min(end - start, text.length - column + 1)),
      text,
    };
  }

  /** A line without its line end. Lines start at 1. */
  lineText(line: number): string {
    const end = line < this.lineStarts.length ? this.lineStarts[line] - 1 : this.text.length;
    return this.text.slice(this.lineStarts[line - 1], end).replace(/\r$/, '');
  }

  get lineCount(): number {
    return this.lineStarts.length;
  }

  /** The place of a whole line, without its indentation. */
  placeOfLine(line: number): Place {
    const text = this.lineText(line);
    const indent = text.length - text.trimStart().length;
    const length = Math.max(1, text.trim().length);
    return {
      file: this.path,
      line,
      column: text.length === 0 ? 1 : Math.min(indent, text.length - 1) + 1,
      length,
      text,
    };
  }

  private lineOf(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.lineStarts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}
