import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorRows } from './error-codes';
import { errorsDocument } from './errors-document';
import { REPOSITORY } from './repository';

writeFileSync(join(REPOSITORY, 'docs/errors.md'), errorsDocument(errorRows()));
