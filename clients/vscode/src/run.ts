/** Runs a program to its end, without a shell. */
import { spawn } from 'node:child_process';

/** How a program ended: its exit status, null where it was killed, and all it wrote. */
export interface Ended {
	status: number | null;
	output: string;
}

export interface Options {
	cwd?: string;
	/** Ends the program. */
	signal?: AbortSignal;
	/** Hears what it writes. */
	hear?: (text: string) => void;
}

export type Run = (command: string, args: readonly string[], options?: Options) => Promise<Ended>;

/**
 * Run a program.
 *
 * @throws Error if it can't be started, or was aborted.
 */
export const run: Run = (command, args, options = {}) =>
	new Promise((resolve, reject) => {
		const { cwd, signal, hear } = options;
		const child = spawn(command, [...args], { cwd, signal, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		const take = (text: string) => {
			output += text;
			hear?.(text);
		};
		child.stdout.setEncoding('utf8').on('data', take);
		child.stderr.setEncoding('utf8').on('data', take);
		child.on('error', reject);
		child.on('close', (status) => resolve({ status, output }));
	});
