/** Tells the server what other extensions report of open files: LSP has no way for it to ask. */
import * as vscode from 'vscode';

// As many as the server looks at.
const MOST = 200;

export function reportDiagnostics(execute: (command: string, argument: object) => Promise<unknown>): vscode.Disposable {
	return vscode.languages.onDidChangeDiagnostics(({ uris }) => {
		const changed = new Set(uris.map(String));
		for (const { uri } of vscode.workspace.textDocuments) {
			if (uri.scheme === 'file' && changed.has(uri.toString())) {
				const diagnostics = vscode.languages.getDiagnostics(uri).slice(0, MOST).map(told);
				void execute('diagnostics', { uri: uri.toString(), diagnostics });
			}
		}
	});
}

function told({ range, message, severity }: vscode.Diagnostic): object {
	// VS Code counts from 0, LSP from 1.
	return { range: { start: range.start, end: range.end }, message, severity: severity + 1 };
}
