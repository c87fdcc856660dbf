import type { Diagnostic } from '@graft/foundation';
import { unusableLabel } from './errors';

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Labels stand one a line in labels.txt and in the board's output, as UTF-8. */
export function checkLabels(labels: readonly string[]): Diagnostic[] {
  return labels.flatMap((label) => {
    if (label.trim() === '') return [unusableLabel(label, 'it is empty')];
    if (CONTROL.test(label)) return [unusableLabel(label, 'it holds a line break or another control character')];
    if (LONE_SURROGATE.test(label)) return [unusableLabel(label, 'it is not well-formed Unicode')];
    return [];
  });
}
