import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { beforeEach, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { environment, type Making, pythonIn } from '../src/environment.ts';
import { Unavailable } from '../src/python.ts';
import type { Run } from '../src/run.ts';

let storage: string;
let wheel: string;

beforeEach(async () => {
	storage = await fs.mkdtemp(path.join(tmpdir(), 'firsthand-'));
	wheel = path.join(storage, 'firsthand-0.1.0-py3-none-any.whl.br');
	await fs.writeFile(wheel, brotliCompressSync('a wheel'));
});

/** A set-up whose programs only note what was run, and fail where the test says. */
function making(failing?: 'venv' | 'pip'): { making: Making; ran: string[]; steps: string[] } {
	const ran: string[] = [];
	const steps: string[] = [];
	const run: Run = async (_command, args) => {
		const step = args[args.indexOf('-m') + 1] ?? '';
		ran.push(step);
		if (step === 'venv') {
			await fs.mkdir(args.at(-1) ?? '', { recursive: true });
		} else {
			assert.match(await fs.readFile(args.at(-1) ?? '', 'utf8'), /^a (newer )?wheel$/);
		}
		return { status: step === failing ? 1 : 0, output: '' };
	};
	const python = async () => ({ command: 'python3', args: [] });
	return { making: { storage, wheel, python, run, report: (step) => steps.push(step) }, ran, steps };
}

test('it is made once', async () => {
	const { making: made, ran, steps } = making();
	const python = await environment(made);
	assert.match(python, /server-[0-9a-f]{12}/);
	assert.equal(await environment(made), python);
	assert.deepEqual(ran, ['venv', 'pip']);
	assert.equal(steps.length, 2);
});

test('another wheel gets another one', async () => {
	const { making: made, ran } = making();
	const first = await environment(made);
	await fs.writeFile(wheel, brotliCompressSync('a newer wheel'));
	assert.notEqual(await environment(made), first);
	assert.equal(ran.length, 4);
});

test('two windows make one', async () => {
	const { making: made, ran } = making();
	const [one, other] = await Promise.all([environment(made), environment(made)]);
	assert.equal(one, other);
	assert.deepEqual(ran, ['venv', 'pip']);
});

test('what failed is made anew, and says the mend', async () => {
	for (const [failing, words] of [
		['venv', /python3-venv/],
		['pip', /proxy or index in pip's own settings/],
	] as const) {
		await assert.rejects(environment(making(failing).making), (fault) => {
			assert.ok(fault instanceof Unavailable);
			assert.match(fault.message, words);
			return true;
		});
	}
	const { making: made, ran } = making();
	await environment(made);
	assert.deepEqual(ran, ['venv', 'pip']);
});

test('the lock of a window that is gone holds nobody', async () => {
	const { making: made } = making();
	const python = await environment(made);
	const folder = python.slice(0, python.indexOf('server-') + 'server-'.length + 12);
	await fs.rm(folder, { recursive: true });
	await fs.writeFile(`${folder}.lock`, String(2 ** 30));
	assert.equal(await environment(made), python);
});

test('an environment that nobody used for long goes', async () => {
	const { making: made } = making();
	const old = path.join(storage, 'server-0123456789ab');
	await fs.mkdir(old);
	await fs.writeFile(path.join(old, 'ready'), '');
	await fs.utimes(path.join(old, 'ready'), 0, 0);
	await environment(made);
	await assert.rejects(fs.access(old));
});

test('a folder that is none is said', async () => {
	const { making: made } = making();
	await assert.rejects(environment({ ...made, storage: path.join(wheel, 'in a file') }), /can't be written to/);
});

test('where its Python lies', () => {
	assert.match(pythonIn('C:\\env', 'win32'), /Scripts/);
	assert.equal(pythonIn('/env', 'darwin'), path.join('/env', 'bin', 'python'));
});
