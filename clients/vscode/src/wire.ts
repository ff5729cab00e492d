/** Documents' names as the server hears them. */
import * as vscode from 'vscode';

/** The scheme of a notebook's cells. */
export const CELL = 'vscode-notebook-cell';

/**
 * A document's name for the server.
 *
 * In a remote window (SSH, a container, WSL) a cell's name has the window's remote as its host, though
 * its notebook is a file where the server runs, too.
 */
export function toWire(uri: vscode.Uri): string {
	const there = uri.scheme === CELL && uri.authority !== '' && isFile(uri.path);
	return (there ? uri.with({ authority: '' }) : uri).toString();
}

/** The document that the server names. */
export function fromWire(name: string): vscode.Uri {
	const uri = vscode.Uri.parse(name);
	return (uri.scheme === CELL ? documentOf(name)?.uri : undefined) ?? uri;
}

/** The open document that the server names. */
export function documentOf(name: string): vscode.TextDocument | undefined {
	const uri = vscode.Uri.parse(name).toString();
	return vscode.workspace.textDocuments.find((each) => toWire(each.uri) === uri);
}

function isFile(path: string): boolean {
	return vscode.workspace.notebookDocuments.some(({ uri }) => uri.scheme === 'file' && uri.path === path);
}
