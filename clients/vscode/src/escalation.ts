/** Asking a frontier model: what the person wants, and what is said when nothing can come of it. */
import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { toWire } from './wire.ts';

// Kept while a model is asked, so that a window that was reloaded meanwhile knows of it.
const ASKED = 'escalation.asked';

/** Ask the person what is to be done at the cursor or with the selected lines, then the server. */
export async function askFrontier(connection: Connection): Promise<void> {
	const editor = vscode.window.activeTextEditor;
	if (!editor) {
		void vscode.window.showInformationMessage('Firsthand: open a file first.');
		return;
	}
	const { document, selection } = editor;
	const instruction = await vscode.window.showInputBox({
		title: `Firsthand asks a frontier model: ${where(selection)}`,
		prompt: 'What should be done? Enter asks and may cost money, Escape does not.',
		placeHolder: selection.isEmpty ? 'empty: write what belongs at the cursor' : 'empty: finish these lines',
		ignoreFocusOut: true,
	});
	if (instruction === undefined) {
		return;
	}
	const range = { start: place(selection.start), end: place(selection.end) };
	await connection.escalate({ textDocument: { uri: toWire(document.uri) }, range, instruction });
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
