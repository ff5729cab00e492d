import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdict } from '../src/quiz.ts';

const question = { prompt: 'What calls it?', options: ['one', 'two', 'three'], answer: 1, lines: [6] };

test('a right answer is told with the line that says so', () => {
	assert.equal(verdict(question, 1), 'Right. Line 7 says so.');
	assert.equal(verdict({ ...question, lines: [6, 8] }, 1), 'Right. Lines 7, 9 say so.');
});

test('a wrong answer is told with the right one', () => {
	assert.equal(verdict(question, 0), 'No, it is "two". Line 7 says so.');
});
