/** Finds a Python that the server can run on. */
import type { Run } from './run.ts';

/** The oldest version that will do. */
export const OLDEST: readonly [number, number] = [3, 11];

const ASK = ['-I', '-c', 'import sys; print("Python", *sys.version_info[:2])'];

/** A program and the arguments that come before all others. */
export interface Python {
	command: string;
	args: readonly string[];
}

/** Nothing can be started; the message is a sentence for the person that says the mend. */
export class Unavailable extends Error {}

/** The programs to try, best first. */
export function candidates(platform: NodeJS.Platform, configured: string): Python[] {
	if (configured) {
		return [{ command: configured, args: [] }];
	}
	const named = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];
	return platform === 'win32'
		? [
				{ command: 'py', args: ['-3'] },
				{ command: 'python', args: [] },
			]
		: named.map((command) => ({ command, args: [] }));
}

/** The version that a Python printed; undefined if what answered was none. */
export function versionIn(output: string): [number, number] | undefined {
	const found = /^Python (\d+) (\d+)$/m.exec(output);
	return found ? [Number(found[1]), Number(found[2])] : undefined;
}

export function newEnough([major, minor]: readonly [number, number]): boolean {
	return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * The first candidate that runs and is new enough.
 *
 * @throws Unavailable if there is none.
 */
export async function find(tried: readonly Python[], run: Run): Promise<Python> {
	const old: string[] = [];
	for (const python of tried) {
		const version = await versionOf(python, run);
		if (version && newEnough(version)) {
			return python;
		}
		if (version) {
			old.push(`${python.command} is ${version.join('.')}`);
		}
	}
	const wanted = OLDEST.join('.');
	const found = old.length
		? `Python ${wanted} or later is needed, and ${old[0]}`
		: `Python ${wanted} or later was not found`;
	throw new Unavailable(`${found}: install it, or name one in the setting firsthand.python.`);
}

async function versionOf(python: Python, run: Run): Promise<[number, number] | undefined> {
	try {
		return versionIn((await run(python.command, [...python.args, ...ASK])).output);
	} catch {
		return undefined; // there is no such program
	}
}
