import { runInNewContext } from 'node:vm';

import { reasonOf } from './reason';

test.each([
  ['an error', new Error('no space left'), 'no space left'],
  ['an error of another realm', runInNewContext("new Error('from elsewhere')"), 'from elsewhere'],
  ['several errors without words', new AggregateError([new Error('refused'), new Error('late')]), 'refused'],
  ['several errors with words', new AggregateError([new Error('refused')], 'all failed'), 'all failed'],
  ['no error among several', new AggregateError([]), 'AggregateError'],
  ['an object with a message', { message: 'odd' }, 'odd'],
  ['an error without words', new TypeError(), 'TypeError'],
  ['a text', 'just a text', 'just a text'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
])('of %s', (_, cause, reason) => {
  expect(reasonOf(cause)).toBe(reason);
});
