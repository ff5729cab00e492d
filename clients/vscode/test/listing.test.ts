import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed } from '../src/listing.ts';

test('what lies deeper stands further right, and what is not there is left out', () => {
	const answer = { schema: 1, reason: '', model: null, completions: [{ id: 7, tier: 'inline' }], names: [] };
	assert.equal(listed(answer), 'completions:\n  -\n    id: 7\n    tier: inline\nnames: none');
	assert.equal(listed({ prompt: 'one\ntwo' }), 'prompt:\n  one\n  two');
});
