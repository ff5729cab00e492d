import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Status, view } from '../src/status.ts';

const STATUS: Status = {
	level: 'inline',
	reason: '',
	model: 'qwen2.5-coder',
	latency_ms: 0,
	thinking: false,
	indexing: null,
	day_usd: 0,
	cap_usd: null,
};

function check(changes: Partial<Status>, text: string, ...lines: string[]): void {
	const shown = view({ phase: 'running', status: { ...STATUS, ...changes } });
	assert.equal(shown.text, text);
	for (const line of lines) {
		assert.ok(shown.tooltip.includes(line), `${line} in ${shown.tooltip.join(' | ')}`);
	}
}

test('the tier and its state', () => {
	check({}, '$(edit) qwen2.5-coder', 'qwen2.5-coder completes (inline tier)', 'Spent today: $0.00');
	check({ thinking: true }, '$(loading~spin) qwen2.5-coder', 'The model is writing');
	check({ level: 'paused' }, '$(debug-pause) paused', 'Paused');
	check({ level: 'off', model: '' }, '$(circle-slash) off', 'Switched off');
	check({ level: 'embedded', model: '' }, '$(edit) embedded');
});

test('the reason, the latency, the index and the money', () => {
	check({ reason: 'paused for this file' }, '$(edit) qwen2.5-coder', 'Why: paused for this file');
	check({ latency_ms: 12.4 }, '$(edit) qwen2.5-coder', 'Last answer after 12 ms');
	check({ latency_ms: 0.2 }, '$(edit) qwen2.5-coder', 'Last answer after 1 ms');
	check({ indexing: { done: 3, total: 9 } }, '$(edit) qwen2.5-coder', 'Learning the workspace: 3 of 9 files');
	check({ day_usd: 0.5, cap_usd: 2 }, '$(edit) qwen2.5-coder $0.50', 'Spent today: $0.50 of $2.00');
	check({ day_usd: 0.0012 }, '$(edit) qwen2.5-coder $0.0012');
});

test('before and without a server', () => {
	assert.match(view({ phase: 'starting', why: '' }).text, /loading/);
	assert.match(view({ phase: 'running', status: undefined }).text, /loading/);
	assert.equal(view({ phase: 'waiting', why: '' }).attention, false);
	const failed = view({ phase: 'failed', why: 'no Python' });
	assert.equal(failed.attention, true);
	assert.ok(failed.tooltip.includes('no Python'));
});
