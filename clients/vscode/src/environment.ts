/** The virtual environment that the server runs in, made once from the wheel that came along. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { type Python, Unavailable } from './python.ts';
import type { Run } from './run.ts';

// An environment that no window used for so long is one of an older version.
const UNUSED_MS = 30 * 24 * 3600 * 1000;
const POLL_MS = 500;

export interface Making {
	/** Where environments lie. */
	storage: string;
	/** The server's wheel, compressed by brotli. */
	wheel: string;
	/** Finds the Python to make it with; asked only if there is something to make. */
	python: () => Promise<Python>;
	run: Run;
	/** Hears what is being done. */
	report: (step: string) => void;
	hear?: (text: string) => void;
	signal?: AbortSignal;
}

/**
 * The Python of the environment for this wheel, which is made if it is not there.
 *
 * Two windows that need it at once make one: the second waits for the first.
 *
 * @throws Unavailable if it can't be made.
 */
export async function environment(making: Making): Promise<string> {
	const content = await fs.readFile(making.wheel);
	const name = `server-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`;
	const folder = path.join(making.storage, name);
	if (!(await isReady(folder))) {
		await writable(making.storage);
		await alone(`${folder}.lock`, making, async () => {
			if (!(await isReady(folder))) {
				await make(folder, content, making);
			}
		});
		await tidy(making.storage, name);
	}
	await fs.utimes(marker(folder), new Date(), new Date());
	return pythonIn(folder, process.platform);
}

/** Where an environment's Python lies. */
export function pythonIn(folder: string, platform: NodeJS.Platform): string {
	return platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

function marker(folder: string): string {
	return path.join(folder, 'ready');
}

async function isReady(folder: string): Promise<boolean> {
	return fs.access(marker(folder)).then(
		() => true,
		() => false,
	);
}

async function writable(storage: string): Promise<void> {
	try {
		await fs.mkdir(storage, { recursive: true });
		await fs.access(storage, fs.constants.W_OK);
	} catch {
		throw new Unavailable(
			`${storage} can't be written to: make it writable, or name a server in firsthand.serverPath.`,
		);
	}
}

async function make(folder: string, compressed: Uint8Array, making: Making): Promise<void> {
	const { report, run, signal, hear } = making;
	const python = await making.python();
	await fs.rm(folder, { recursive: true, force: true });
	report('making an environment');
	const made = await run(python.command, [...python.args, '-I', '-m', 'venv', folder], { signal, hear });
	if (made.status !== 0) {
		throw new Unavailable(
			`${python.command} could not make a virtual environment: install what "${python.command} -m venv" asks for ` +
				'(python3-venv on Debian and Ubuntu).',
		);
	}
	report('installing what the server needs');
	const wheel = path.join(folder, path.basename(making.wheel, '.br'));
	await fs.writeFile(wheel, await promisify(brotliDecompress)(compressed));
	const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', wheel];
	const installed = await run(pythonIn(folder, process.platform), install, { signal, hear });
	await fs.rm(wheel);
	if (installed.status !== 0) {
		throw new Unavailable(
			"pip could not install what the server needs: the log has pip's words; set your proxy or index in pip's own " +
				'settings, or name an installed server in firsthand.serverPath.',
		);
	}
	await fs.writeFile(marker(folder), '', 'utf8');
}

/** Do something that one process at a time may do; the lock of a process that died is taken over. */
async function alone(lock: string, making: Making, work: () => Promise<void>): Promise<void> {
	while (!(await taken(lock))) {
		making.report('waiting for another window');
		making.signal?.throwIfAborted();
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	try {
		await work();
	} finally {
		await fs.rm(lock, { force: true });
	}
}

async function taken(lock: string): Promise<boolean> {
	try {
		await fs.writeFile(lock, String(process.pid), { flag: 'wx' });
		return true;
	} catch (fault) {
		if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') {
			throw fault;
		}
	}
	const owner = Number(await fs.readFile(lock, 'utf8').catch(() => ''));
	if (owner && !lives(owner)) {
		await fs.rm(lock, { force: true });
	}
	return false;
}

function lives(id: number): boolean {
	try {
		process.kill(id, 0);
		return true;
	} catch (fault) {
		return (fault as NodeJS.ErrnoException).code === 'EPERM';
	}
}

async function tidy(storage: string, name: string): Promise<void> {
	for (const other of await fs.readdir(storage)) {
		if (!other.startsWith('server-') || other.startsWith(name)) {
			continue;
		}
		const folder = path.join(storage, other);
		const used = await fs.stat(marker(folder)).catch(() => undefined);
		if (used && Date.now() - used.mtimeMs > UNUSED_MS) {
			await fs.rm(folder, { recursive: true, force: true });
		}
	}
}
