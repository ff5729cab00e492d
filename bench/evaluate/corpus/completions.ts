/** Inline completions: asked by the client's own provider, with what VS Code needs besides. */
import * as vscode from 'vscode';
import type { LanguageClient, Middleware } from 'vscode-languageclient/node';

const TRIGGER = 'editor.action.inlineSuggest.trigger';
/** Run by VS Code after it inserted an item; takes what the server's own command takes. */
const ACCEPTED = 'firsthand.suggestionAccepted';

type Execute = (command: string, argument: object) => Promise<unknown>;

interface Refresh {
	textDocument: { uri: string; version: number };
	position: { line: number; character: number };
}

/** Where a question is asked that nobody asked for by a key or by a command. */
interface Place {
	uri: string;
	version: number;
	position: vscode.Position;
}

// The question that is on its way, if there is one.
let asking: Place | undefined;

/** Goes between VS Code and the client: ours are no wishes of the person's, and items run our command. */
export const middleware: Middleware = {
	provideInlineCompletionItems: async (document, position, context, token, next) => {
		const answer = await next(document, position, automatic(document, position, context), token);
		for (const item of answer ? ('items' in answer ? answer.items : answer) : []) {
			if (item.command) {
				item.command = { ...item.command, command: ACCEPTED };
			}
		}
		return answer;
	},
};

/** Have a client ask again when the server says that a late answer is there. */
export function refreshed(client: LanguageClient): vscode.Disposable {
	return client.onNotification('firsthand/refresh', (late: Refresh) => refresh(client, late));
}

/** The command that accepted items run. */
export function acceptCommand(execute: Execute): vscode.Disposable {
	return vscode.commands.registerCommand(ACCEPTED, (accepted: object) => {
		void execute('accepted', accepted);
		// An item with a command is not followed by a question of VS Code's own. It has to come after
		// VS Code is done with this one.
		setTimeout(() => {
			const editor = vscode.window.activeTextEditor;
			if (editor) {
				ask(editor);
			}
		}, 0);
	});
}

/** A model's answer came late: ask for it if the person still stands where it was asked for. */
function refresh(client: LanguageClient, { textDocument, position }: Refresh): void {
	const editor = vscode.window.activeTextEditor;
	const { asUri, asPosition } = client.protocol2CodeConverter;
	if (
		editor?.document.uri.toString() === asUri(textDocument.uri).toString() &&
		editor.document.version === textDocument.version &&
		editor.selection.isEmpty &&
		editor.selection.active.isEqual(asPosition(position))
	) {
		ask(editor);
	}
}

function ask({ document, selection }: vscode.TextEditor): void {
	asking = { uri: document.uri.toString(), version: document.version, position: selection.active };
	void vscode.commands.executeCommand(TRIGGER);
}

/** VS Code takes every command for the person's wish; ours is not. */
function automatic(
	document: vscode.TextDocument,
	position: vscode.Position,
	context: vscode.InlineCompletionContext,
): vscode.InlineCompletionContext {
	const ours =
		asking?.uri === document.uri.toString() && asking.version === document.version && asking.position.isEqual(position);
	asking = ours && context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic ? asking : undefined;
	return ours ? { ...context, triggerKind: vscode.InlineCompletionTriggerKind.Automatic } : context;
}
