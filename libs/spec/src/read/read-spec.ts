import type { BenchDevice, ExperimentSpec } from '../experiment';
import type { MapTree } from '../tree';
import { readClasses, readDataset } from './read-dataset';
import { readEvaluate, readFlash, readRequire, readTarget } from './read-deployment';
import { readExport } from './read-export';
import { readModel } from './read-model';
import { readAugment, readPreprocess } from './read-pictures';
import { readQuantize, readTrain } from './read-training';
import { Reader } from './reader';

/** The complete, checked tree as the value that every stage trusts: units parsed, words turned to types. */
export function readSpec(tree: MapTree, devices: readonly BenchDevice[]): ExperimentSpec {
  const root = new Reader(tree);
  const classes = readClasses(root.at('classes'));
  const evaluate = readEvaluate(root.at('evaluate'));
  return {
    name: root.at('name').text(),
    description: root.at('description').text(),
    seed: root.at('seed').number(),
    classes,
    dataset: readDataset(root.at('dataset'), classes),
    preprocess: readPreprocess(root.at('preprocess')),
    augment: readAugment(root.at('augment')),
    model: readModel(root.at('model')),
    train: readTrain(root.at('train'), classes),
    quantize: readQuantize(root.at('quantize')),
    export: readExport(root.at('export')),
    evaluate,
    require: readRequire(root.at('require')),
    target: readTarget(root.at('target'), devices),
    flash: readFlash(root.at('flash'), evaluate),
  };
}
