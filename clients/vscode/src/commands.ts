/** What a person can do, in the command palette and in the menu of the status bar. */
import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import type { Documents } from './documents.ts';
import { askFrontier, askFrontierBy } from './escalation.ts';
import { listed } from './listing.ts';
import type { Proposals } from './proposals.ts';
import { run } from './run.ts';
import { NO_SERVER } from './status.ts';
import { explain, markAsRead, quiz } from './understanding.ts';
import { toWire } from './wire.ts';

const MENU = 'firsthand.menu';
// Commands that make sense beside a proposal alone.
const OF_PROPOSAL = 'firsthand.proposal.';
const MESSAGE_MS = 4000;
const EAGERNESS: readonly [number, string][] = [
	[0.2, 'only what is almost certain'],
	[0.35, 'less'],
	[0.5, 'as much as saves more than it costs to read'],
	[0.7, 'more'],
	[0.9, 'nearly everything'],
];

interface Parts {
	connection: Connection;
	documents: Documents;
	proposals: Proposals;
	log: vscode.LogOutputChannel;
	/** The commands as `package.json` lists them. */
	titles: readonly { command: string; title: string }[];
}

/** Register every command; the menu lists them as `package.json` does. */
export function commands(parts: Parts): vscode.Disposable {
	const { proposals } = parts;
	const actions: Record<string, (...args: unknown[]) => unknown> = {
		[MENU]: () => menu(parts),
		'firsthand.askFrontier': () => askFrontier(parts.connection),
		'firsthand.askFrontierBy': () => askFrontierBy(parts.connection, parts.documents),
		'firsthand.proposal.acceptHunk': (id, hunk) => proposals.acceptHunk(id, hunk),
		'firsthand.proposal.acceptAll': (id) => proposals.acceptAll(id),
		'firsthand.proposal.discard': (id) => proposals.discard(id),
		'firsthand.proposal.explain': (id) => proposals.explain(id),
		'firsthand.pauseForAWhile': () => pauseForAWhile(parts),
		'firsthand.pauseInFile': () => pauseHere(parts, 'in this file', ({ uri }) => ({ uri: toWire(uri) })),
		'firsthand.pauseForLanguage': () =>
			pauseHere(parts, 'for this language', ({ languageId }) => ({ language: languageId })),
		'firsthand.setAggression': setAggression,
		'firsthand.showWhy': () => showWhy(parts),
		'firsthand.showSent': () => showSent(parts),
		'firsthand.showCosts': () => showPrinted(parts, 'What was spent', 'costs'),
		'firsthand.showGrip': () =>
			showPrinted(parts, 'Who wrote what', 'grip', vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '.'),
		'firsthand.showReport': () => showPrinted(parts, 'The report', 'report'),
		'firsthand.showLearned': () => showPrinted(parts, 'What was learned of you', 'learned'),
		'firsthand.explainLines': () => explain(parts, false),
		'firsthand.askAboutLines': () => explain(parts, true),
		'firsthand.startQuiz': () => quiz(parts),
		'firsthand.markAsRead': () => markAsRead(parts),
		'firsthand.storeKey': () => storeKey(parts),
		'firsthand.runDoctor': () => runDoctor(parts),
		'firsthand.openConfiguration': () => openConfiguration(parts),
		'firsthand.showLog': () => parts.log.show(),
		'firsthand.restart': () => parts.connection.start(),
	};
	return vscode.Disposable.from(
		...Object.entries(actions).map(([name, action]) => vscode.commands.registerCommand(name, action)),
	);
}

async function menu({ titles }: Parts): Promise<void> {
	const items = titles
		.filter(({ command }) => command !== MENU && !command.startsWith(OF_PROPOSAL))
		.map(({ command, title }) => ({ label: title, command }));
	const chosen = await vscode.window.showQuickPick(items, { title: 'Firsthand' });
	if (chosen) {
		await vscode.commands.executeCommand(chosen.command);
	}
}

async function pause({ connection }: Parts, scope: object, where: string): Promise<void> {
	const answer = await connection.execute<{ paused: boolean }>('pause', scope);
	if (!answer) {
		void vscode.window.showWarningMessage(NO_SERVER);
		return;
	}
	if (answer.paused) {
		await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
	}
	const message = answer.paused ? `Firsthand pauses ${where}` : 'Firsthand goes on';
	vscode.window.setStatusBarMessage(message, MESSAGE_MS);
}

/** With minutes, the server would begin to pause anew; without, it goes on. */
function pauseForAWhile(parts: Parts): Promise<void> {
	const { state } = parts.connection;
	const paused = state.phase === 'running' && state.status?.level === 'paused';
	return pause(parts, paused ? {} : { minutes: 15 }, 'everywhere, for 15 minutes');
}

async function pauseHere(parts: Parts, where: string, scope: (document: vscode.TextDocument) => object): Promise<void> {
	const document = vscode.window.activeTextEditor?.document;
	if (document) {
		await pause(parts, scope(document), where);
	} else {
		void vscode.window.showInformationMessage('Firsthand: open a file first.');
	}
}

async function setAggression(): Promise<void> {
	const settings = vscode.workspace.getConfiguration('firsthand');
	const now = settings.get<number>('aggression');
	const items = EAGERNESS.map(([value, description]) => ({
		label: String(value),
		description: value === now ? `${description} (now)` : description,
		value,
	}));
	const title = 'How readily suggestions are shown';
	const chosen = await vscode.window.showQuickPick(items, { title });
	if (chosen) {
		await settings.update('aggression', chosen.value, vscode.ConfigurationTarget.Global);
	}
}

async function showWhy({ connection, documents }: Parts): Promise<void> {
	const answer = await connection.execute('why');
	if (answer === undefined) {
		void vscode.window.showWarningMessage(NO_SERVER);
		return;
	}
	await documents.show('Why this suggestion', `${listed(answer)}\n`);
}

/** What a command of the program prints, run in the workspace's folder. */
async function printed({ connection }: Parts, ...args: string[]): Promise<string | undefined> {
	const program = connection.program;
	if (!program) {
		void vscode.window.showWarningMessage(NO_SERVER);
		return undefined;
	}
	const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? program.cwd;
	return (await run(program.command, [...program.args, ...args], { cwd })).output;
}

async function showPrinted(parts: Parts, name: string, ...args: string[]): Promise<void> {
	const page = await printed(parts, ...args);
	if (page !== undefined) {
		await parts.documents.show(name, page);
	}
}

/** List what left the machine, and show exactly what one request sent. */
async function showSent(parts: Parts): Promise<void> {
	const list = await printed(parts, 'sent');
	if (list === undefined) {
		return;
	}
	const items = list
		.split('\n')
		.filter((line) => /^[0-9a-f]{8,} /.test(line))
		.map((line) => ({ label: line, id: line.slice(0, line.indexOf(' ')) }));
	if (items.length === 0) {
		await parts.documents.show('What was sent', list);
		return;
	}
	const title = 'What left this machine: choose one to read exactly what it sent';
	const chosen = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
	if (chosen) {
		await showPrinted(parts, 'What was sent', 'sent', chosen.id);
	}
}

/** The program asks for the key itself, and the system's keyring holds it: no setting and no file. */
async function storeKey({ connection }: Parts): Promise<void> {
	const program = connection.program;
	if (!program) {
		void vscode.window.showWarningMessage(NO_SERVER);
		return;
	}
	const name = await vscode.window.showInputBox({
		title: 'Firsthand keeps a key in the keyring of the machine where your code lies',
		prompt: 'Its name, as api_key_keyring of a model has it; the key itself is asked for in a terminal.',
		validateInput: (typed) => (/^[\w.-]+$/.test(typed) ? undefined : 'letters, digits, dots and dashes'),
	});
	if (name) {
		const { command, args, cwd } = program;
		const shellArgs = [...args, 'keys', 'set', name];
		vscode.window.createTerminal({ name: 'Firsthand', shellPath: command, shellArgs, cwd }).show();
	}
}

async function runDoctor(parts: Parts): Promise<void> {
	const options = { location: vscode.ProgressLocation.Window, title: 'Firsthand checks everything' };
	const report = await vscode.window.withProgress(options, () => printed(parts, 'doctor'));
	if (report !== undefined) {
		await parts.documents.show('Firsthand doctor', report);
	}
}

/** Open the person's configuration file, or an unsaved one in its place. */
async function openConfiguration(parts: Parts): Promise<void> {
	const path = (await printed(parts, 'config', 'path'))?.trim();
	if (!path) {
		return;
	}
	const file = vscode.Uri.file(path);
	const exists = await vscode.workspace.fs.stat(file).then(
		() => true,
		() => false,
	);
	await vscode.window.showTextDocument(exists ? file : file.with({ scheme: 'untitled' }));
}
