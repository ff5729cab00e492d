import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applied, explained, type Hunk, headline, lines, type Proposal, shifted, without } from '../src/proposal.ts';

const TEXT = 'a\nb\nc\nd\n';
const HUNKS = [hunk(1, 0, 1, 'A\nAA\n'), hunk(2, 2, 3, ''), hunk(3, 4, 4, 'e\n')];
const AFTER = 'A\nAA\nb\nd\ne\n';

function hunk(id: number, first: number, end: number, newText: string): Hunk {
	const range = { start: { line: first, character: 0 }, end: { line: end, character: 0 } };
	return { id, range, newText, check: '' };
}

function edit(first: [number, number], end: [number, number], text: string) {
	const [start, last] = [first, end].map(([line, character]) => ({ line, character }));
	assert(start && last);
	return { range: { start, end: last }, text };
}

test('all hunks together are the proposal, and each begins at its line', () => {
	assert.equal(applied(TEXT, HUNKS), AFTER);
	assert.deepEqual(lines(HUNKS), [0, 3, 4]);
	assert.equal(applied(TEXT.replaceAll('\n', '\r\n'), HUNKS.slice(1, 2)), 'a\r\nb\r\nd\r\n');
});

test('what is left after one was applied makes the same of the text', () => {
	for (const { id } of HUNKS) {
		const chosen = HUNKS.filter((each) => each.id === id);
		assert.equal(applied(applied(TEXT, chosen), without(HUNKS, id)), AFTER);
	}
});

test('an edit beside the hunks moves them, one inside ends the proposal', () => {
	const at = (change: ReturnType<typeof edit>) => shifted([hunk(1, 1, 2, 'B\n')], change)?.[0]?.range.start.line;
	assert.equal(at(edit([0, 0], [0, 0], 'new\n')), 2);
	assert.equal(at(edit([0, 0], [1, 0], '')), 0);
	assert.equal(at(edit([0, 0], [0, 1], 'x')), 1);
	assert.equal(at(edit([2, 0], [2, 1], 'x')), 1);
	assert.equal(at(edit([1, 0], [1, 0], 'new\n')), 2);
	assert.equal(at(edit([1, 0], [1, 0], 'x')), undefined);
	assert.equal(at(edit([0, 1], [1, 0], '')), undefined);
	assert.equal(at(edit([1, 1], [1, 1], 'x')), undefined);
});

test('who, how much, what to check and where the models differ', () => {
	const proposal: Proposal = {
		id: 1,
		uri: 'file:///a.py',
		version: 1,
		hunks: [{ ...hunk(1, 0, 1, 'A\n'), check: 'A: is it enough?' }],
		summary: 'Bigger\nletters.',
		disagreements: [
			{
				range: { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } },
				note: 'one adds a line',
				choices: [{ models: ['one', 'two'], text: 'x\n', chosen: true }],
			},
		],
		warnings: ['The name B is not known.'],
		cost_usd: 0.0042,
		model: 'big',
		sent_id: '1f',
	};
	assert.equal(headline(proposal), 'big, $0.0042: Bigger letters.');
	assert.equal(headline({ ...proposal, cost_usd: null, summary: '' }), 'big, price unknown');
	const page = explained(proposal);
	for (const line of [
		'- A: is it enough?',
		'- The name B is not known.',
		'The models disagree at line 2: one adds a line\n- one, two (proposed):\nx',
		'What was sent: firsthand sent 1f',
	]) {
		assert(page.includes(line), line);
	}
});
