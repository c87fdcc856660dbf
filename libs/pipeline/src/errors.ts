import { GraftError } from '@graft/foundation';
import type { StageName } from './stage';

export const outputMissing = (stage: StageName, folder: string) =>
  new GraftError('E501', {
    message: `stage "${stage}" has no finished output in ${folder}`,
    hint: `run it again: npx nx run <project>:${stage}; if the build tool says it is up to date, add --skip-nx-cache`,
  });

export const manifestUnreadable = (stage: StageName, path: string, cause: unknown) =>
  new GraftError('E502', {
    message: `the manifest of stage "${stage}" cannot be read: ${path}`,
    hint: `delete its folder and run the stage again: npx nx run <project>:${stage} --skip-nx-cache`,
    cause,
  });

export const outputsDiffer = (stage: StageName, details: readonly string[]) =>
  new GraftError('E503', {
    message: `the output of stage "${stage}" is not what the stage wrote`,
    details,
    hint: `something changed the files afterwards; run the stage again: npx nx run <project>:${stage} --skip-nx-cache`,
  });

export const sliceMissing = (stage: StageName, path: string) =>
  new GraftError('E504', {
    message: `stage "${stage}" has no settings: ${path} is missing`,
    hint: 'run the stage "resolve" first; a target pulls it in by itself: npx nx run <project>:resolve',
  });

export const diskFull = (stage: StageName, cause: unknown) =>
  new GraftError('E505', {
    message: `no space left on the disk while stage "${stage}" was writing`,
    hint: 'make room and run it again; nothing half-written was kept',
    cause,
  });

export const stageCancelled = (stage: StageName) =>
  new GraftError('E506', {
    message: `stage "${stage}" was interrupted`,
    hint: 'nothing half-written was kept; run the same command to go on',
  });

export const producerOutdated = (stage: StageName, changed: readonly string[]) =>
  new GraftError('E507', {
    message: `stage "${stage}" has not run since what it reads has changed`,
    details: changed,
    hint: `run it first, it may have failed: npx nx run <project>:${stage}`,
  });

export const modelUnknown = (name: string, sha256: string, details: readonly string[]) =>
  new GraftError('E508', {
    message: `${name} is no model that this workspace remembers (SHA-256 ${sha256})`,
    details,
    hint: 'was it made in another workspace, or before its history was kept? A copy that was changed by one byte is another model, too',
  });

export const recordUnreadable = (path: string, cause: unknown) =>
  new GraftError('E509', {
    message: `the record of this model cannot be read: ${path}`,
    hint: 'restore the file from git, or delete it and export the model again',
    cause,
  });

export const runUnknown = (wanted: string, near: readonly string[]) =>
  new GraftError('E511', {
    message: `"${wanted}" is no run, experiment, branch or commit that is known here`,
    details:
      near.length === 0
        ? ['there is no record of any run']
        : ['runs that come near:', ...near.map((one) => `  ${one}`)],
    hint: 'npx nx run <project>:history lists all runs; a branch must have been fetched',
  });

export const runAmbiguous = (prefix: string, found: readonly string[]) =>
  new GraftError('E512', {
    message: `"${prefix}" is the beginning of ${found.length} runs`,
    details: found,
    hint: 'write more digits',
  });

export const historyEmpty = (project: string) =>
  new GraftError('E513', {
    message: `no run of "${project}" is recorded, and none lies among its outputs`,
    hint: `make one: npx nx run ${project}:export-kmodel`,
  });

export const noRecordIn = (revision: string, project: string, others: readonly string[]) =>
  new GraftError('E514', {
    message: `"${revision}" holds no record of a run of "${project}"`,
    details: others.length === 0 ? ['it holds no records at all'] : [`it has records of ${others.join(', ')}`],
    hint: 'records lie in .history; run export-kmodel there and commit what it leaves',
  });

export const targetUnknown = (target: string, known: readonly string[]) =>
  new GraftError('E515', {
    message: `there is no target "${target}" to plan`,
    details: [known.join(', ')],
    hint: 'write plan --for=export-kmodel',
  });

export const sweepMissing = (file: string) =>
  new GraftError('E520', {
    message: `${file} has no sweep`,
    hint: 'add one, for example: sweep: { model.alpha: [0.5, 0.75], preprocess.image_size: [160, 224] }',
  });

export const shardUnreadable = (text: string) =>
  new GraftError('E521', {
    message: `--shard ${text} is no part of a sweep`,
    hint: 'write for example --shard 1/2 here and --shard 2/2 on the other machine',
  });

export const pointsDoNotFit = (details: readonly string[]) =>
  new GraftError('E522', {
    message: `${details.length} points of the sweep do not fit the board, and sweep.keep is all`,
    details,
    hint: 'take them out of the grid, or set sweep.keep: fits',
  });

export const outputOfAnother = (point: string) =>
  new GraftError('E523', {
    message: `the outputs that lie there are not those of point ${point}`,
    hint: 'another run in the same workspace has written them meanwhile; run the sweep again, finished points come from the cache',
  });

export const recordsDiffer = (details: readonly string[]) =>
  new GraftError('E524', {
    message: 'these points cannot be compared: they were made from other pictures or with other tools',
    details,
    hint: 'check out the same version with the same lock on every machine, and run the shards again',
  });

export const recordsMissing = (folder: string, details: readonly string[]) =>
  new GraftError('E525', {
    message:
      details.length === 0
        ? `no points of this sweep are in ${folder}`
        : `${details.length} points of the sweep are missing`,
    details,
    hint: 'run their shard, and give the folder out/sweep that it left',
  });

export const pointsFailed = (details: readonly string[]) =>
  new GraftError('E526', {
    message: `${details.length} ${details.length === 1 ? 'point' : 'points'} of the sweep did not come out`,
    details,
    hint: 'the page has the others; the same command runs these again',
  });

export const sweepHeld = (holder: string, path: string) =>
  new GraftError('E527', {
    message: `another sweep of this experiment is running (process ${holder})`,
    hint: `wait for it or end it; if there is none, delete ${path}`,
  });
