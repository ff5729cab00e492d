/** Proposals in VS Code's own diff editor, accepted by hunk, whole, or not at all. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import type { Documents } from './documents.ts';
import {
	applied,
	type Change,
	explained,
	type Hunk,
	headline,
	lines,
	type Proposal,
	shifted,
	without,
} from './proposal.ts';
import { CELL, documentOf, fromWire } from './wire.ts';

const SCHEME = 'firsthand-proposal';
// So many edits are remembered, for a proposal that was made for the text before them.
const REMEMBERED = 64;

/** A proposal that is not decided; text and hunks are those left after what was accepted. */
interface Open {
	proposal: Proposal;
	title: string;
	text: string;
	hunks: readonly Hunk[];
}

interface Edit extends Change {
	uri: string;
	/** The document's version after it. */
	version: number;
}

export class Proposals implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
	readonly #open = new Map<number, Open>();
	readonly #edits: Edit[] = [];
	readonly #changed = new vscode.EventEmitter<vscode.Uri>();
	readonly #lenses = new vscode.EventEmitter<void>();
	readonly onDidChange = this.#changed.event;
	readonly onDidChangeCodeLenses = this.#lenses.event;
	readonly #connection: Connection;
	readonly #documents: Documents;

	constructor(connection: Connection, documents: Documents) {
		this.#connection = connection;
		this.#documents = documents;
	}

	/** Begin to show what the server proposes, and forget it when the server ends. */
	register(): vscode.Disposable {
		return vscode.Disposable.from(
			vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
			vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, this),
			this.#connection.onDidPropose((proposal) => this.#show(proposal)),
			this.#connection.onDidEnd(() => this.#lost()),
			vscode.workspace.onDidChangeTextDocument((event) => this.#remember(event)),
			vscode.window.tabGroups.onDidChangeTabs(({ closed }) => this.#forget(closed)),
		);
	}

	provideTextDocumentContent(uri: vscode.Uri): string {
		const open = this.#open.get(idOf(uri));
		return open ? applied(open.text, isAfter(uri) ? open.hunks : []) : '';
	}

	provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
		const open = this.#open.get(idOf(document.uri));
		if (!open || !isAfter(document.uri)) {
			return [];
		}
		const { proposal, hunks } = open;
		const { id, disagreements, warnings } = proposal;
		const counted = [
			...(disagreements.length ? [`$(git-compare) the models disagree at ${disagreements.length}`] : []),
			...(warnings?.length ? [`$(warning) ${warnings.join(' ')}`] : []),
		];
		return [
			lens(0, headline(proposal), 'explain', id),
			...counted.map((title) => lens(0, title, 'explain', id)),
			lens(0, '$(check-all) Accept all', 'acceptAll', id),
			lens(0, '$(close) Discard', 'discard', id),
			...lines(hunks).flatMap((line, index) => {
				const { id: hunk, check } = hunks[index] as Hunk;
				const said = check.replaceAll('\n', '; ');
				return [
					lens(line, '$(check) Accept this change', 'acceptHunk', id, hunk),
					...(said ? [lens(line, `check ${said}`, 'explain', id)] : []),
				];
			}),
		];
	}

	/** Apply all that is left of a proposal; of the one in the active tab if none is named. */
	async acceptAll(named?: unknown): Promise<void> {
		const id = this.#named(named);
		const open = id === undefined ? undefined : this.#open.get(id);
		if (open && (await this.#apply(open))) {
			await this.#close(open, true);
		}
	}

	/** Apply one hunk; the one at the cursor, or else the next one, if none is named. */
	async acceptHunk(named?: unknown, hunk?: unknown): Promise<void> {
		const id = this.#named(named);
		const open = id === undefined ? undefined : this.#open.get(id);
		const chosen = open && (typeof hunk === 'number' ? hunk : atCursor(open));
		if (!open || chosen === undefined || !(await this.#apply(open, [chosen]))) {
			return;
		}
		const one = open.hunks.filter((each) => each.id === chosen);
		open.text = applied(open.text, one);
		open.hunks = without(open.hunks, chosen);
		if (open.hunks.length === 0) {
			await this.#close(open, true);
			return;
		}
		for (const side of sides(open)) {
			this.#changed.fire(side);
		}
		this.#lenses.fire();
	}

	async discard(named?: unknown): Promise<void> {
		const id = this.#named(named);
		const open = id === undefined ? undefined : this.#open.get(id);
		if (open) {
			await this.#connection.execute('discardProposal', { id });
			await this.#close(open, false);
		}
	}

	/** Show all that is to be said of a proposal. */
	async explain(named?: unknown): Promise<void> {
		const id = this.#named(named);
		const open = id === undefined ? undefined : this.#open.get(id);
		if (open) {
			await this.#documents.show('What is proposed', explained(open.proposal));
		}
	}

	async #show(proposal: Proposal): Promise<void> {
		const document = documentOf(proposal.uri);
		const hunks = document && this.#now(proposal, document);
		if (!document || !hunks) {
			void vscode.window.showWarningMessage(
				'Firsthand: the code was changed where the proposal belongs, so it is not shown: ask again.',
			);
			await this.#connection.execute('discardProposal', { id: proposal.id });
			return;
		}
		const name = path.posix.basename(document.uri.path);
		const title = `${name}: proposed by ${headline({ ...proposal, summary: '' })}`;
		const open = { proposal, title, text: document.getText(), hunks };
		this.#open.set(proposal.id, open);
		const [left, right] = sides(open);
		for (const side of [left, right]) {
			const page = await vscode.workspace.openTextDocument(side);
			await vscode.languages.setTextDocumentLanguage(page, document.languageId);
		}
		await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: false });
	}

	/** A proposal's hunks for the document as it is now; undefined if an edit came between. */
	#now({ hunks, version, uri }: Proposal, document: vscode.TextDocument): readonly Hunk[] | undefined {
		const name = fromWire(uri).toString();
		const since = this.#edits.filter((each) => each.uri === name && each.version > version);
		if (since.length === 0) {
			return document.version === version ? hunks : undefined;
		}
		return since.reduce<readonly Hunk[] | undefined>((found, edit) => found && shifted(found, edit), hunks);
	}

	#remember({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
		for (const { range, text } of contentChanges) {
			this.#edits.push({ uri: document.uri.toString(), version: document.version, range, text });
		}
		this.#edits.splice(0, this.#edits.length - REMEMBERED);
	}

	/** Whether the server applied some hunks; if not, it has said why. */
	async #apply({ proposal: { id } }: Open, hunks?: readonly number[]): Promise<boolean> {
		const answer = await this.#connection.execute<{ applied?: boolean }>('applyProposal', { id, hunks });
		return answer?.applied === true;
	}

	async #close(open: Open, show: boolean): Promise<void> {
		this.#open.delete(open.proposal.id);
		await vscode.window.tabGroups.close(tabs().filter((tab) => idOf(tab.input.modified) === open.proposal.id));
		const uri = fromWire(open.proposal.uri);
		if (show && uri.scheme !== CELL) {
			await vscode.window.showTextDocument(uri);
		}
	}

	/** Who closes the diff does not want what is left of it. */
	#forget(closed: readonly vscode.Tab[]): void {
		for (const { input } of closed.filter(isOurs)) {
			const id = idOf(input.modified);
			if (this.#open.delete(id)) {
				void this.#connection.execute('discardProposal', { id });
			}
		}
	}

	/** The server that could apply them is gone. */
	async #lost(): Promise<void> {
		if (this.#open.size > 0) {
			this.#open.clear();
			await closeAll();
			void vscode.window.showWarningMessage(
				'Firsthand: the server ended, and with it the proposal that was open: ask again.',
			);
		}
	}

	#named(id: unknown): number | undefined {
		const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
		if (typeof id === 'number') {
			return id;
		}
		return isDiff(input) ? idOf(input.modified) : undefined;
	}
}

/** Close the diffs of proposals that nobody knows any more; whether there were any. */
export async function closeAll(): Promise<boolean> {
	const left = tabs();
	await vscode.window.tabGroups.close(left);
	return left.length > 0;
}

type Ours = vscode.Tab & { input: vscode.TabInputTextDiff };

function tabs(): Ours[] {
	return vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter(isOurs));
}

function isOurs(tab: vscode.Tab): tab is Ours {
	return isDiff(tab.input);
}

function isDiff(input: unknown): input is vscode.TabInputTextDiff {
	return input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME;
}

function atCursor({ hunks }: Open): number | undefined {
	const line = vscode.window.activeTextEditor?.selection.active.line ?? 0;
	const starts = lines(hunks);
	const at = starts.findLastIndex((start) => start <= line);
	return hunks[Math.max(at, 0)]?.id;
}

function sides({ proposal }: Open): [vscode.Uri, vscode.Uri] {
	const { path: name } = vscode.Uri.parse(proposal.uri);
	const side = (fragment: string) =>
		vscode.Uri.from({ scheme: SCHEME, path: name, query: String(proposal.id), fragment });
	return [side('before'), side('after')];
}

function idOf(uri: vscode.Uri): number {
	return Number(uri.query);
}

function isAfter(uri: vscode.Uri): boolean {
	return uri.fragment === 'after';
}

function lens(line: number, title: string, command: string, ...args: number[]): vscode.CodeLens {
	const range = new vscode.Range(line, 0, line, 0);
	return new vscode.CodeLens(range, { title, command: `firsthand.proposal.${command}`, arguments: args });
}
