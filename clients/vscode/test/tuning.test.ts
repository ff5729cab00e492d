import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Inspected, tuning } from '../src/tuning.ts';

test('only what somebody set is told, the nearest value first', () => {
	const known: Record<string, Inspected | undefined> = {
		enabled: { globalValue: true, workspaceValue: false },
		aggression: { globalValue: 0 },
		max_lines: {},
	};
	assert.deepEqual(
		tuning(['enabled', 'aggression', 'max_lines', 'unknown'], (name) => known[name]),
		{ enabled: false, aggression: 0 },
	);
});
