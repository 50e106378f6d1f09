import { expect, it } from 'vitest';
import { backendNames } from '../src/backend-names.ts';

it.each([
  'Redis',
  '../redis',
  'a/b',
  '.',
  '',
  '@acme',
  '@acme/',
  'kv_redis',
  'redis!',
  '-redis',
  'é',
  'a\n',
  'x'.repeat(101),
])('refuses the name %j', (name) => {
  const rule = 'cannot be the name of a package. It has up to 100 lower-case letters, digits and hyphens';
  expect(() => backendNames(name)).toThrow(`${JSON.stringify(name)} ${rule}`);
});

it.each([
  ['fs', 'The name fs belongs to a module of Node. Try kv-fs.'],
  ['kv-7', 'Classes are named after the backend, and "7" is no name for one. Try kv-redis.'],
  ['kv-', 'Classes are named after the backend, and "" is no name for one. Try kv-redis.'],
  ['redis-', 'Classes are named after the backend, and "redis-" is no name for one. Try kv-redis.'],
])('refuses the name %j, after which nothing can be named', (name, message) => {
  expect(() => backendNames(name)).toThrow(message);
});

it.each([
  ['redis', { word: 'redis', className: 'Redis', folder: 'redis' }],
  ['@kv/redis', { word: 'redis', className: 'Redis', folder: 'redis' }],
  ['kv-redis-backend', { word: 'redis', className: 'Redis', folder: 'kv-redis-backend' }],
  ['@a/kv-a-1--b', { word: 'a-1--b', className: 'A1B', folder: 'kv-a-1--b' }],
])('takes the name %j', (packageName, names) => {
  expect(backendNames(packageName)).toEqual({ packageName, ...names });
});
