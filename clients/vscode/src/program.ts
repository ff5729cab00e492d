/** The server's program: the one that the person names, else one in an environment of its own. */
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { environment } from './environment.ts';
import { candidates, find, Unavailable } from './python.ts';
import { run } from './run.ts';

/** A program, and the arguments that come before those of its commands. */
export interface Program {
	command: string;
	args: readonly string[];
	/** Where it starts: no workspace, of which nothing may be run. */
	cwd: string;
}

/**
 * The program to start, set up where it has to be.
 *
 * @throws Unavailable if there is none.
 */
export async function program(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<Program> {
	const settings = vscode.workspace.getConfiguration('firsthand');
	const cwd = context.extensionPath;
	const named = settings.get<string>('serverPath', '').trim();
	if (named) {
		await check(named, cwd);
		return { command: named, args: [], cwd };
	}
	const options = {
		location: vscode.ProgressLocation.Notification,
		title: 'Firsthand sets up its server, once',
		cancellable: true,
	};
	const python = await vscode.window.withProgress(options, async (progress, token) => {
		const aborting = new AbortController();
		token.onCancellationRequested(() => aborting.abort());
		try {
			return await environment({
				storage: context.globalStorageUri.fsPath,
				wheel: await wheel(context.asAbsolutePath('dist')),
				python: () => find(candidates(process.platform, settings.get<string>('python', '').trim()), run),
				run,
				report: (step) => {
					log.info(step);
					progress.report({ message: step });
				},
				hear: (text) => log.info(text.trimEnd()),
				signal: aborting.signal,
			});
		} catch (fault) {
			throw aborting.signal.aborted ? new Unavailable('the set-up was cancelled.') : fault;
		}
	});
	return { command: python, args: ['-I', '-m', 'firsthand'], cwd };
}

async function wheel(folder: string): Promise<string> {
	const name = (await fs.readdir(folder)).find((each) => each.endsWith('.whl.br'));
	if (!name) {
		throw new Unavailable('this build holds no server: install a complete one, or name one in firsthand.serverPath.');
	}
	return path.join(folder, name);
}

async function check(named: string, cwd: string): Promise<void> {
	const { output } = await run(named, ['--version'], { cwd }).catch(() => ({ output: '' }));
	if (!output.startsWith('firsthand')) {
		throw new Unavailable(
			`${named} is no server of Firsthand: correct the setting firsthand.serverPath, or leave it empty.`,
		);
	}
}
