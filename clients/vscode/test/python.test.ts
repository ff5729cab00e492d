import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidates, find, newEnough, Unavailable, versionIn } from '../src/python.ts';
import type { Run } from '../src/run.ts';

/** Programs that say which version they are; all others are not there. */
function machine(versions: Record<string, string>): Run {
	return async (command) => {
		const output = versions[command];
		if (output === undefined) {
			throw new Error(`spawn ${command} ENOENT`);
		}
		return { status: 0, output };
	};
}

test('a version is read wherever it stands', () => {
	for (const [output, version] of [
		['Python 3 11\n', [3, 11]],
		['warning\nPython 3 9\r\n', [3, 9]],
		['warning\nPython 3 9\n', [3, 9]],
		['Python was not found; run without arguments to install\n', undefined],
		['', undefined],
	] as const) {
		assert.deepEqual(versionIn(output), version, output);
	}
});

test('what is new enough', () => {
	assert.ok(newEnough([3, 11]) && newEnough([3, 14]) && newEnough([4, 0]));
	assert.ok(!newEnough([3, 10]) && !newEnough([2, 12]));
});

test('the first that is new enough is taken', async () => {
	const run = machine({ python3: 'Python 3 9\n', 'python3.12': 'Python 3 12\n', python: 'Python 3 13\n' });
	assert.equal((await find(candidates('linux', ''), run)).command, 'python3.12');
});

test('Windows has a launcher', async () => {
	const found = await find(candidates('win32', ''), machine({ py: 'Python 3 12\n' }));
	assert.deepEqual(found, { command: 'py', args: ['-3'] });
});

test('a Python that was named is the only one', () => {
	assert.deepEqual(candidates('win32', 'C:\\Python\\python.exe'), [{ command: 'C:\\Python\\python.exe', args: [] }]);
});

test('none, or one too old, is said with the mend', async () => {
	for (const [versions, words] of [
		[{}, /Python 3\.11 or later was not found: install it, or name one in the setting firsthand\.python\./],
		[{ python3: 'Python 3 9\n' }, /3\.11 or later is needed, and python3 is 3\.9: install it/],
	] as const) {
		await assert.rejects(find(candidates('linux', ''), machine(versions)), (fault) => {
			assert.ok(fault instanceof Unavailable);
			assert.match(fault.message, words);
			return true;
		});
	}
});
