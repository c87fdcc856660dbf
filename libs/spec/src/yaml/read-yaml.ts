import type { Diagnostic } from '@graft/foundation';
import type { YAMLParseError } from 'yaml';
import { parseDocuments } from './parse-documents';
import { SourceFile } from './source-file';
import * as problem from './syntax-errors';
import { TreeBuilder } from './tree-builder';
import type { BuiltTree } from './tree-builder';

/** More than any experiment needs; it keeps a wrong file from taking minutes. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Reads one YAML file into a tree. Null: no tree could be made, and the diagnostics say why. A tree with diagnostics can
 * still be checked, but for its spoiled values.
 */
export function readYaml(path: string, text: string): BuiltTree {
  const source = new SourceFile(path, text);
  const early = problemsOfText(source);
  return early.length > 0 ? failed(...early) : readDocuments(source);
}

const failed = (...diagnostics: Diagnostic[]): BuiltTree => ({ tree: null, diagnostics, spoiled: [] });

function readDocuments(source: SourceFile): BuiltTree {
  const documents = parseDocuments(source.text);
  if (documents === null) return failed(problem.tooComplex('the file is nested too deeply', source.placeOfLine(1)));
  const document = documents.find(({ contents }) => contents !== null);
  if (documents.length > 1 && document !== undefined) {
    const start = documents[1].range[0];
    return failed(problem.notYaml('the file holds more than one document', source.place(start, start + 3), 'keep one'));
  }
  const errors = documents.flatMap(({ errors: found, warnings }) => [...found, ...warnings]);
  if (errors.length > 0) return failed(...syntaxProblems(source, errors));
  if (document === undefined || document.contents === null) return failed(problem.emptyFile(source.path));
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    return failed(problem.notYaml('only YAML 1.2 is read here', source.placeOfLine(1), 'delete this line'));
  }
  return new TreeBuilder(source, document).build();
}

function problemsOfText(source: SourceFile): Diagnostic[] {
  const { text, path } = source;
  if (text.length > MAX_CHARACTERS) {
    return [problem.tooComplex(`${path} has more than ${MAX_CHARACTERS} characters`, source.placeOfLine(1))];
  }
  if (text.trim() === '') return [problem.emptyFile(path)];
  // What a decoder leaves of bytes that are not UTF-8, and of UTF-16.
  const foreign = text.search(/[\0\uFFFD]/);
  if (foreign >= 0) return [problem.notUtf8(source.place(foreign, foreign + 1))];
  return conflictMarkers(source);
}

function conflictMarkers(source: SourceFile): Diagnostic[] {
  if (!/^<{7}(?: |\r?$)/m.test(source.text)) return [];
  const lines = Array.from({ length: source.lineCount }, (_, index) => index + 1);
  return lines
    .filter((line) => /^(?:<{7}|={7}|>{7})(?: |$)/.test(source.lineText(line)))
    .map((line) => problem.conflictMarker(source.placeOfLine(line)));
}

/** One problem a line: what follows on the same line is an echo. A tab explains every other complaint of a file. */
function syntaxProblems(
  source: SourceFile,
  errors: readonly Pick<YAMLParseError, 'code' | 'message' | 'pos'>[],
): Diagnostic[] {
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  const byLine = new Map<number, Diagnostic>();
  for (const { code, message, pos } of tabs.length > 0 ? tabs : errors) {
    const place = source.place(pos[0], pos[1]);
    if (byLine.has(place.line)) continue;
    const sentence = `${message.charAt(0).toLowerCase()}${message.slice(1).split('\n')[0]}`;
    byLine.set(
      place.line,
      code === 'TAB_AS_INDENT'
        ? problem.tabAsIndent(place)
        : problem.notYaml(sentence, place, problem.remedyFor(place.text, 'check quotes, brackets and indentation')),
    );
  }
  return [...byLine.values()];
}
