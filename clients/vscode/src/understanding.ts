/** Explains code, asks about it and takes notice that it was read, so that understanding keeps up. */
import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import type { Documents } from './documents.ts';
import { type Question, verdict } from './quiz.ts';
import { NO_SERVER } from './status.ts';
import { toWire } from './wire.ts';

interface Explained {
	text?: string;
	words?: string;
	model?: string;
}

/** What the commands of this file need. */
interface Parts {
	connection: Connection;
	documents: Documents;
}

/** Show what is known of the selected lines; a model is asked only where a question is put. */
export async function explain({ connection, documents }: Parts, asking: boolean): Promise<void> {
	const editor = activeEditor();
	if (!editor) {
		return;
	}
	const question = asking ? await asked() : undefined;
	if (asking && question === undefined) {
		return;
	}
	const { start, end } = editor.selection;
	const found = await connection.execute<Explained>('explain', {
		textDocument: { uri: toWire(editor.document.uri) },
		range: { start: place(start), end: place(end) },
		...(asking ? { ask: true, instruction: question } : {}),
	});
	if (!found) {
		void vscode.window.showWarningMessage(NO_SERVER);
	} else if (found.text !== undefined) {
		const words = found.words ? `\n\n${found.model} says:\n\n${found.words}` : '';
		await documents.show('Explanation', `${found.text}${words}\n`);
	} // else the server has said why there is none
}

/** Ask about the function at the cursor, one question after the other; Escape ends it. */
export async function quiz({ connection }: Parts): Promise<void> {
	const editor = activeEditor();
	if (!editor) {
		return;
	}
	const found = await connection.execute<{ questions: Question[]; reason: string }>('quiz', {
		textDocument: { uri: toWire(editor.document.uri) },
		position: place(editor.selection.active),
	});
	if (!found) {
		void vscode.window.showWarningMessage(NO_SERVER);
		return;
	}
	const { questions, reason } = found;
	if (questions.length === 0) {
		void vscode.window.showInformationMessage(`Firsthand: ${reason}`);
		return;
	}
	let said = '';
	let right = 0;
	for (const [number, question] of questions.entries()) {
		const choice = await chosen(question, `${number + 1} of ${questions.length}`, said);
		if (choice === undefined) {
			return;
		}
		right += choice === question.answer ? 1 : 0;
		said = verdict(question, choice);
	}
	void vscode.window.showInformationMessage(`Firsthand: ${said} ${right} of ${questions.length} right.`);
}

/** Say that what frontier models wrote in the file was read. */
export async function markAsRead({ connection }: Parts): Promise<void> {
	const editor = activeEditor();
	if (!editor) {
		return;
	}
	const uri = toWire(editor.document.uri);
	const found = await connection.execute<{ characters: number }>('markRead', { uri });
	const message = found
		? `Firsthand: ${found.characters} characters of a frontier model are marked as read`
		: NO_SERVER;
	vscode.window.setStatusBarMessage(message, 4000);
}

/** Let the person choose; what became of the choice before stands above. */
async function chosen(question: Question, count: string, said: string): Promise<number | undefined> {
	const items = question.options.map((label, number) => ({ label, number }));
	const title = `${question.prompt} (${count})`;
	const placeHolder = said || 'Escape leaves the quiz';
	return (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.number;
}

function asked(): Thenable<string | undefined> {
	return vscode.window.showInputBox({
		title: 'Firsthand asks a frontier model to explain the selected lines',
		prompt: 'What do you want to know? Enter asks and may cost money, Escape does not.',
		ignoreFocusOut: true,
	});
}

function activeEditor(): vscode.TextEditor | undefined {
	const editor = vscode.window.activeTextEditor;
	if (!editor) {
		void vscode.window.showInformationMessage('Firsthand: open a file first.');
	}
	return editor;
}

function place({ line, character }: vscode.Position): { line: number; character: number } {
	return { line, character };
}
