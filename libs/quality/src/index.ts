export { checkDataset } from './check-dataset';
export type { CheckOutcome, CheckResult } from './check-dataset';
export type { CheckName, Finding, FoundPicture } from './finding';
export { renderCheckPage } from './render-page';
export { checkReport, renderCheckJson, shownContents, summaryLines } from './report';
export type { CheckReport, ClassCount } from './report';
export { distinct } from './subject';
export type { Dataset } from './subject';
