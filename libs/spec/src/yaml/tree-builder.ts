import type { Diagnostic, Place } from '@graft/foundation';
import { isAlias, isMap, isScalar, isSeq, Scalar } from 'yaml';
import type { Alias, Document, Pair, ParsedNode, YAMLMap, YAMLSeq } from 'yaml';
import { emptyMap } from '../tree';
import type { KeyPath, ListTree, MapEntry, MapTree, Origin, ScalarTree, Tree } from '../tree';
import type { SourceFile } from './source-file';
import * as problem from './syntax-errors';

const MAX_DEPTH = 32;
/** Counted after aliases are followed, so that a few lines cannot unfold into millions of values. */
const MAX_NODES = 50_000;
const MAX_ALIASES = 200;
const KNOWN_TAGS = [
  '!',
  ...['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
];

/** A value of the tree that is not what was meant. */
export interface SpoiledValue {
  readonly path: KeyPath;
  /** Null stands for it, since nothing that was written can; further complaints about it would be echoes. */
  readonly lost: boolean;
}

export interface BuiltTree {
  /** Null where the file is not a map of keys, or unfolds beyond reason. */
  readonly tree: MapTree | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly spoiled: readonly SpoiledValue[];
}

/** Turns the parser's nodes into a tree whose values know where they were written. */
export class TreeBuilder {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly spoiled: SpoiledValue[] = [];
  private readonly path: (string | number)[] = [];
  private readonly open = new Set<unknown>();
  private nodes = 0;
  private aliases = 0;
  private tooLarge = false;

  constructor(
    private readonly source: SourceFile,
    private readonly document: Document.Parsed<ParsedNode>,
  ) {}

  build(): BuiltTree {
    const root = this.document.contents;
    const place = root === null ? this.source.placeOfLine(1) : this.placeOf(root);
    if (!isMap(root)) return { tree: null, diagnostics: [problem.notAMap(this.source.path, place)], spoiled: [] };
    const tree = this.map(root, place, 1);
    return { tree: this.tooLarge ? null : tree, diagnostics: this.diagnostics, spoiled: this.spoiled };
  }

  /** `keyPlace`: where people look for a collection, the key before it. */
  private node(node: unknown, keyPlace: Place, depth: number): Tree {
    if (this.refuses(node, keyPlace, depth)) return nullAt(keyPlace);
    if (isAlias(node)) return this.alias(node, keyPlace, depth);
    this.open.add(node);
    const tree = this.content(node, keyPlace, depth);
    this.open.delete(node);
    return tree;
  }

  private content(node: unknown, keyPlace: Place, depth: number): Tree {
    if (isMap(node)) return this.map(node, keyPlace, depth);
    if (isSeq(node)) return this.list(node, keyPlace, depth);
    if (isScalar(node)) return this.scalar(node, keyPlace);
    return nullAt(keyPlace);
  }

  private refuses(node: unknown, place: Place, depth: number): boolean {
    this.nodes += 1;
    const tag = isScalar(node) || isMap(node) || isSeq(node) ? node.tag : undefined;
    if (tag !== undefined && !KNOWN_TAGS.includes(tag)) {
      this.complainOfValue(problem.notYaml(`tag ${tag} has no meaning here`, place, 'write the plain value'));
      return true;
    }
    if (this.open.has(node)) return this.refuse('an alias holds itself', place);
    if (depth > MAX_DEPTH) return this.refuse(`more than ${MAX_DEPTH} levels of nesting`, place);
    if (this.nodes > MAX_NODES) return this.refuse(`more than ${MAX_NODES} values`, place);
    return this.tooLarge;
  }

  private refuse(message: string, place: Place): true {
    if (!this.tooLarge) this.complainOfValue(problem.tooComplex(message, place));
    this.tooLarge = true;
    return true;
  }

  private alias(alias: Alias, place: Place, depth: number): Tree {
    this.aliases += 1;
    if (this.aliases > MAX_ALIASES) {
      this.refuse(`more than ${MAX_ALIASES} aliases`, place);
      return nullAt(place);
    }
    const target = alias.resolve(this.document);
    if (target !== undefined) return this.node(target, place, depth + 1);
    this.complainOfValue(problem.notYaml(`alias *${alias.source} points to no anchor`, place, 'write the value out'));
    return nullAt(place);
  }

  private map(map: YAMLMap, place: Place, depth: number): MapTree {
    const entries = new Map<string, MapEntry>();
    for (const pair of map.items) {
      const key = this.key(pair, place);
      if (key === null) continue;
      const earlier = entries.get(key.text)?.keyOrigin;
      this.path.push(key.text);
      if (earlier?.kind === 'file') {
        this.complain(problem.duplicateKey(key.text, key.place, earlier.place.line));
        this.path.pop();
        continue;
      }
      const value = this.node(pair.value, key.place, depth + 1);
      this.checkColour(key, value);
      this.path.pop();
      entries.set(key.text, { keyOrigin: originOf(key.place), value });
    }
    return { ...emptyMap(originOf(place)), entries };
  }

  private key(pair: Pair, mapPlace: Place): { text: string; place: Place } | null {
    const key = isAlias(pair.key) ? pair.key.resolve(this.document) : pair.key;
    const place = hasRange(pair.key) ? this.placeOf(pair.key) : mapPlace;
    if (isScalar(key)) {
      // A key is a name, however it looks: `25:` and `true:` are names of classes, too.
      const text = typeof key.value === 'string' ? key.value : (key.source ?? '');
      if (text !== '') return { text, place };
    }
    this.complain(problem.notYaml('a key must be a plain word', place, 'write "key: value"'));
    return null;
  }

  private list(list: YAMLSeq, place: Place, depth: number): ListTree {
    const items = list.items.map((item, index) => {
      this.path.push(index);
      const tree = this.node(item, this.itemPlace(item, place), depth + 1);
      this.path.pop();
      return tree;
    });
    return { kind: 'list', items, origin: originOf(place) };
  }

  private itemPlace(item: unknown, listPlace: Place): Place {
    if (isMap(item) && item.items.length > 0 && hasRange(item.items[0].key)) return this.placeOf(item.items[0].key);
    return hasRange(item) ? this.placeOf(item) : listPlace;
  }

  private scalar(scalar: Scalar, keyPlace: Place): ScalarTree {
    const { value, source = '' } = scalar;
    const quoted = scalar.type !== undefined && scalar.type !== Scalar.PLAIN;
    const written = hasRange(scalar) && scalar.range[1] > scalar.range[0];
    const origin = originOf(written ? this.placeOf(scalar) : keyPlace);
    if (typeof value === 'string') return { kind: 'scalar', value, text: value, quoted, origin };
    if (typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value, text: source, quoted, origin };
    }
    return { kind: 'scalar', value: null, text: source, quoted, origin };
  }

  /** `background: #ffffff` is an empty value and a comment, for which nobody asked. */
  private checkColour({ text, place }: { text: string; place: Place }, value: Tree): void {
    if (value.kind !== 'scalar' || value.value !== null || value.text !== '') return;
    const colour = /^:\s+(#[0-9a-fA-F]{6})\s*$/.exec(place.text.slice(place.column - 1 + text.length));
    if (colour !== null) this.complainOfValue(problem.valueIsComment(text, colour[1], place));
  }

  private placeOf(node: { range?: readonly number[] | null }): Place {
    const [start, end] = node.range ?? [0, 1];
    return this.source.place(start, end);
  }

  private complain(diagnostic: Diagnostic, lost = false): void {
    this.diagnostics.push(diagnostic);
    this.spoiled.push({ path: [...this.path], lost });
  }

  /** Of a value that cannot be used at all. */
  private complainOfValue(diagnostic: Diagnostic): void {
    this.complain(diagnostic, true);
  }
}

const originOf = (place: Place): Origin => ({ kind: 'file', place, layer: null });

const nullAt = (place: Place): ScalarTree => ({
  kind: 'scalar',
  value: null,
  text: '',
  quoted: false,
  origin: originOf(place),
});

function hasRange(node: unknown): node is { range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
