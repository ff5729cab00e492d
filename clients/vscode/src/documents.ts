/** Read-only pages that the server never sees as code: their scheme is our own. */
import * as vscode from 'vscode';

const SCHEME = 'firsthand';

export class Documents implements vscode.TextDocumentContentProvider {
	readonly #pages = new Map<string, string>();
	readonly #changed = new vscode.EventEmitter<vscode.Uri>();
	readonly onDidChange = this.#changed.event;

	register(): vscode.Disposable {
		return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
	}

	provideTextDocumentContent(uri: vscode.Uri): string {
		return this.#pages.get(uri.path) ?? '';
	}

	/** Show a page beside the code; an older one of that name is replaced. */
	async show(name: string, text: string): Promise<void> {
		const uri = vscode.Uri.from({ scheme: SCHEME, path: name });
		this.#pages.set(uri.path, text);
		this.#changed.fire(uri);
		const document = await vscode.workspace.openTextDocument(uri);
		await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
	}
}
