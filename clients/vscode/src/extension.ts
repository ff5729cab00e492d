/** Puts everything in its place when VS Code has started. */
import * as vscode from 'vscode';
import { commands } from './commands.ts';
import { acceptCommand } from './completions.ts';
import { Connection } from './connection.ts';
import { reportDiagnostics } from './diagnostics.ts';
import { Documents } from './documents.ts';
import { sayWhatWasLost } from './escalation.ts';
import { noticeOthers } from './others.ts';
import { closeAll, Proposals } from './proposals.ts';
import { statusBar } from './statusBar.ts';

// Settings that decide which server runs; all others are told to the one that does.
const PROGRAM = ['firsthand.serverPath', 'firsthand.python'];

let connection: Connection | undefined;

export function activate(context: vscode.ExtensionContext): void {
	const log = vscode.window.createOutputChannel('Firsthand', { log: true });
	const documents = new Documents();
	const server = new Connection(context, log);
	connection = server;
	const proposals = new Proposals(server, documents);
	const { contributes } = context.extension.packageJSON;
	context.subscriptions.push(
		log,
		documents.register(),
		proposals.register(),
		statusBar(server),
		commands({ connection: server, documents, proposals, log, titles: contributes.commands }),
		acceptCommand((command, argument) => server.execute(command, argument)),
		reportDiagnostics((command, argument) => server.execute(command, argument)),
		vscode.workspace.onDidChangeConfiguration((change) => {
			if (PROGRAM.some((name) => change.affectsConfiguration(name))) {
				void server.start();
			} else if (change.affectsConfiguration('firsthand')) {
				void server.configure();
			}
		}),
		vscode.workspace.onDidGrantWorkspaceTrust(() => void server.start()),
		vscode.extensions.onDidChange(() => void noticeOthers(context)),
	);
	// Not waited for: the first start may take a minute.
	void server.start();
	void noticeOthers(context);
	void closeAll().then((open) => sayWhatWasLost(context.workspaceState, open));
}

export function deactivate(): Promise<void> | undefined {
	return connection?.dispose();
}
