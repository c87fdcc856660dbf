export type { FetchPicturesOptions } from './fetch-options';
export { findPictures } from './find-pictures';
export type { FoundPicture, FoundPictures } from './find-pictures';
export { fetchPictures } from './fetch-pictures';
export type { FetchResult } from './fetch-pictures';
export { fetchWeights } from './fetch-weights';
export { IMAGENET_MODELS } from './weights-imagenet';
export type { FetchWeightsOptions, ReadWeights, WeightsFile, WeightsResult } from './fetch-weights';
export { crossValidationFolds } from './folds';
export type { Folds } from './folds';
export { grouper } from './group-rules';
export { fractionOf } from './groups';
export type { LabelledGroup } from './groups';
export { renderCredits } from './licenses';
export type { Credits } from './licenses';
export { compareLock, parseLock, recordFacts, renderLock } from './lock';
export type { Lock, LockedPicture, LockNames, WeightsRecord } from './lock';
export type { LockOptions } from './lock-mode';
export { makeUrlList } from './make-url-list';
export type { UrlList, UrlListOptions } from './make-url-list';
export { compareText, displayPath, NO_CLASS } from './paths';
export type { ClassFolders } from './paths';
export type {
  PictureFacts,
  PictureFormat,
  PictureList,
  PictureRecord,
  RecordedContent,
  RefusedFile,
  SplitPart,
} from './picture';
export { placePictures } from './place-pictures';
export type { PlacedPicture, PlacedPictures, PlacementOptions } from './place-pictures';
export { formatOfName, sniffPicture } from './sniff';
export type { Sniffed } from './sniff';
export type { Source, SourceContext, SourceFile, SourceResult } from './source';
export { npmCacheOf, readPackage } from './npm-package';
export type { PackageSpec } from './npm-package';
export { fetchWheel, DEFAULT_INDEX } from './python-wheel';
export type { WheelPin, WheelAccess } from './python-wheel';
export { compareSides } from './recorded';
export { assignSplits } from './splits';
export type { SplitShares, Splits } from './splits';
export { ContentStore } from './store';
export { parseUrlList, renderUrlList } from './url-list';
export type { ListedLine, ListedPicture } from './url-list';
export { DEFAULT_TIME_LIMITS } from './watchdog';
export type { TimeLimits } from './watchdog';

export type { Mirrors } from './mirrors';
