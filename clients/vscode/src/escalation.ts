/** Asking a frontier model: what the person wants, and what is said when nothing can come of it. */
import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import type { Documents } from './documents.ts';
import { toWire } from './wire.ts';

// Kept while a model is asked, so that a window that was reloaded meanwhile knows of it.
const ASKED = 'escalation.asked';

const WAYS: readonly (vscode.QuickPickItem & { way: string })[] = [
	{ label: 'First', way: 'first', description: 'the first model that answers' },
	{ label: 'Panel', way: 'panel', description: 'several at once; you see where they disagree' },
	{ label: 'Auto', way: 'auto', description: 'the cheapest that is likely to do, then dearer ones' },
	{ label: 'Show what would be sent', way: 'preview', description: 'and send nothing' },
];

interface Preview {
	preview?: readonly { model: string; url: string; remote: boolean; most_usd: number | null; body: string }[];
}

/** The same, by a strategy that the person chooses; or what would be sent is shown, and nothing is. */
export async function askFrontierBy(connection: Connection, documents: Documents): Promise<void> {
	const chosen = await vscode.window.showQuickPick(WAYS, { title: 'Firsthand: how is a frontier model asked?' });
	if (!chosen) {
		return;
	}
	if (chosen.way !== 'preview') {
		await askFrontier(connection, { strategy: chosen.way });
		return;
	}
	const argument = await wanted('Enter shows what would be sent; nothing is.');
	const answer = argument && (await connection.execute<Preview>('escalate', { ...argument, preview: true }));
	if (answer?.preview) {
		const requests = answer.preview.map((each) => ({ ...each, body: JSON.parse(each.body) as unknown }));
		await documents.show('What would be sent.json', JSON.stringify(requests, undefined, 2));
	}
}

/** Ask the person what is to be done at the cursor or with the selected lines, then the server. */
export async function askFrontier(connection: Connection, more: object = {}): Promise<void> {
	const argument = await wanted('Enter asks and may cost money, Escape does not.');
	if (argument) {
		await connection.escalate({ ...argument, ...more });
	}
}

/** What the person wants, as the command of the server takes it. */
async function wanted(enter: string): Promise<object | undefined> {
	const editor = vscode.window.activeTextEditor;
	if (!editor) {
		void vscode.window.showInformationMessage('Firsthand: open a file first.');
		return undefined;
	}
	const { document, selection } = editor;
	const instruction = await vscode.window.showInputBox({
		title: `Firsthand asks a frontier model: ${where(selection)}`,
		prompt: `What should be done? ${enter}`,
		placeHolder: selection.isEmpty ? 'empty: write what belongs at the cursor' : 'empty: finish these lines',
		ignoreFocusOut: true,
	});
	if (instruction === undefined) {
		return undefined;
	}
	const range = { start: place(selection.start), end: place(selection.end) };
	return { textDocument: { uri: toWire(document.uri) }, range, instruction };
}

/** Send what is asked; a server that ends before it answers is said to the person. */
export async function escalate(memento: vscode.Memento, send: () => Promise<unknown>): Promise<void> {
	await memento.update(ASKED, true);
	try {
		await send();
	} catch {
		void vscode.window.showErrorMessage(
			'Firsthand: the server ended while a model was asked, so nothing came of it: ask again.',
		);
	} finally {
		await memento.update(ASKED, undefined);
	}
}

/** Say once what a reload of the window ended: a question under way, or a proposal that was open. */
export async function sayWhatWasLost(memento: vscode.Memento, open: boolean): Promise<void> {
	const asked = memento.get<boolean>(ASKED);
	if (asked || open) {
		await memento.update(ASKED, undefined);
		const what = asked ? 'while a model was asked, so nothing came of it' : 'before its proposal was decided';
		void vscode.window.showWarningMessage(`Firsthand: the window was reloaded ${what}: ask again.`);
	}
}

function where(selection: vscode.Selection): string {
	const { start, end, isEmpty } = selection;
	const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
	if (isEmpty) {
		return `line ${last}`;
	}
	return last > start.line + 1 ? `lines ${start.line + 1} to ${last}` : `line ${last}`;
}

function place({ line, character }: vscode.Position): { line: number; character: number } {
	return { line, character };
}
