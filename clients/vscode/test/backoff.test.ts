import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../src/backoff.ts';

test('each crash waits longer, and the last one is the end', () => {
	const backoff = new Backoff();
	const waits = Array.from({ length: 6 }, () => backoff.next(100));
	assert.deepEqual(waits, [1000, 2000, 4000, 8000, 15_000, undefined]);
	backoff.reset();
	assert.equal(backoff.next(0), 1000);
});

test('a server that lived for a while has recovered', () => {
	const backoff = new Backoff();
	backoff.next(0);
	backoff.next(0);
	assert.equal(backoff.next(61_000), 1000);
});
