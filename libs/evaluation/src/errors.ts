import { type Diagnostic, GraftError } from '@graft/foundation';

export const nothingToEvaluate = (): Diagnostic => ({
  code: 'E701',
  severity: 'error',
  message: 'there is no picture to evaluate',
  hint: 'give dataset.split.test a larger share, or add pictures',
});

export const predictionDoesNotFit = (path: string, reason: string): Diagnostic => ({
  code: 'E702',
  severity: 'error',
  message: `the prediction for ${path} does not fit the classes: ${reason}`,
  hint: 'the model and the pictures come from different lists of classes; run the stages again from fetch on',
});

export const confidenceOutOfRange = (confidence: number): Diagnostic => ({
  code: 'E703',
  severity: 'error',
  message: `evaluate.confidence must lie between 0 and 1, both excluded; it is ${confidence}`,
  hint: 'write 95%',
});

export const deviceAccuracyTooLow = (measured: string, wanted: string, details: readonly string[]): Diagnostic => ({
  code: 'E710',
  severity: 'error',
  message: `require.device_accuracy asks for at least ${wanted}; on the test pictures the chip reaches ${measured}`,
  details,
  hint: 'look at the worst pictures in the report; more pictures, more epochs or a larger model.alpha help most',
});

export const accuracyDropTooLarge = (measured: string, wanted: string, details: readonly string[]): Diagnostic => ({
  code: 'E711',
  severity: 'error',
  message: `require.accuracy_drop allows ${wanted} between float and device; measured are ${measured}`,
  details,
  hint: 'turn on quantize.bias_correction, or raise quantize.calibration.samples',
});

export const agreementTooLow = (measured: string, wanted: string, details: readonly string[]): Diagnostic => ({
  code: 'E712',
  severity: 'error',
  message: `require.agreement asks for at least ${wanted} equal answers of float and device; measured are ${measured}`,
  details,
  hint: 'turn on quantize.bias_correction, or raise quantize.calibration.samples',
});

export const latencyTooHigh = (estimated: string, wanted: string, details: readonly string[]): Diagnostic => ({
  code: 'E714',
  severity: 'error',
  message: `require.latency allows ${wanted} a picture; the estimate is ${estimated}`,
  details,
  hint: 'a smaller preprocess.image_size, a lower model.alpha or another model.output is faster: ask nx run <experiment>:fit',
});

export const kmodelTooLarge = (measured: string, wanted: string): Diagnostic => ({
  code: 'E713',
  severity: 'error',
  message: `require.kmodel_size allows ${wanted}; the file has ${measured}`,
  hint: 'lower model.alpha, cut the backbone at an earlier model.output, or use a smaller model.head',
});

export const strictBeyondReach = (gate: string, limit: string, interval: string): Diagnostic => ({
  code: 'E740',
  severity: 'error',
  message: `require.${gate} asks for ${limit}, and require.strict judges the lower end of a ${interval} interval: no number of test pictures can show that`,
  hint: 'ask for less, or leave it out of require.strict',
});

export interface StrictShortage {
  readonly limit: string;
  readonly testPictures: number;
  readonly pictures: number;
  readonly interval: string;
}

export const tooFewForStrict = (
  gate: string,
  { limit, testPictures, pictures, interval }: StrictShortage,
): Diagnostic => ({
  code: 'W741',
  severity: 'warning',
  message:
    gate === 'accuracy_drop'
      ? `require.accuracy_drop cannot be met strictly with ${testPictures} test pictures, unless the device is right more often than float`
      : `require.${gate} cannot be met strictly with ${testPictures} test pictures, even if all are answered ${gate === 'agreement' ? 'alike' : 'right'}`,
  details: [`a ${interval} interval that ends at ${limit} takes at least ${pictures} test pictures`],
  hint: 'add pictures, give dataset.split.test a larger share, ask for less, or leave it out of require.strict',
});

export const tooFewForRate = ({
  rate,
  pictures,
  atBest,
  needed,
}: {
  readonly rate: string;
  readonly pictures: number;
  readonly atBest: string;
  /** Null: no number is enough. */
  readonly needed: number | null;
}): Diagnostic => ({
  code: 'W730',
  severity: 'warning',
  message: `${pictures} pictures cannot show that at most ${rate} are accepted wrongly: were it none of them, it could still be ${atBest} of all`,
  hint:
    needed === null
      ? 'no number of pictures shows a share of nothing: write a larger evaluate.unknown.false_accept'
      : `from ${needed} pictures on it can be shown: add some to a source with use: unknown, or write a larger evaluate.unknown.false_accept`,
});

export const nothingAccepted = (threshold: string, rate: string, enough: string | null): Diagnostic => ({
  code: 'W732',
  severity: 'warning',
  message: `the threshold of ${threshold} refuses every picture: nothing lower keeps what is accepted wrongly at ${rate}`,
  hint: `the network is as sure of the wrong as of the right: train.label_smoothing, more and other training pictures${enough === null ? '' : `, or evaluate.unknown.false_accept: ${enough}`}`,
});

export const unknownLeftOut = (lines: readonly string[]): Diagnostic => ({
  code: 'W731',
  severity: 'warning',
  message: `${lines.length} of the pictures of no class ${lines.length === 1 ? 'is' : 'are'} left out`,
  details: lines.length > 10 ? [...lines.slice(0, 10), `… and ${lines.length - 10} more`] : lines,
  hint: 'delete them, or leave them out with exclude in the source with use: unknown',
});

export const nothingToChooseOn = () =>
  new GraftError('E731', {
    message: 'there is no picture on which a threshold for "none of these" could be chosen',
    hint: 'give dataset.split.validation a share, or add a source with use: unknown; or set evaluate.unknown: none',
  });

export const unanswered = (failed: readonly { readonly picture: string; readonly reason: string }[], asked: number) =>
  new GraftError('E733', {
    message: `${failed.length} of ${asked} pictures ${failed.length === 1 ? 'has' : 'have'} no answer`,
    details: failed.map(({ picture, reason }) => `${picture} ${reason}`),
    hint: 'the others were answered; leave these out, or replace them',
  });

export const nothingAsked = (project: string) =>
  new GraftError('E734', {
    message: 'no picture is named',
    hint: `npx nx run ${project}:predict --image=photo.jpg, or a folder, or a glob in quotes`,
  });

export const classesDiffer = (before: readonly string[], after: readonly string[]): Diagnostic => ({
  code: 'E742',
  severity: 'error',
  message: 'these two runs tell different classes apart, so that their answers cannot be compared',
  details: [`one has ${before.join(', ')}`, `the other ${after.join(', ')}`],
  hint: 'compare runs with the same classes; npx nx run <experiment>:history lists them',
});
