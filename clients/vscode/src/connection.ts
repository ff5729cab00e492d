/** The language server's process: started, restarted, asked. */
import { type ChildProcess, spawn } from 'node:child_process';
import * as vscode from 'vscode';
import {
	CloseAction,
	DidChangeConfigurationNotification,
	ErrorAction,
	ExecuteCommandRequest,
	LanguageClient,
	type LanguageClientOptions,
} from 'vscode-languageclient/node';
import { Backoff } from './backoff.ts';
import { middleware, refreshed } from './completions.ts';
import { escalate } from './escalation.ts';
import { type Program, program } from './program.ts';
import { Work } from './progress.ts';
import type { Proposal } from './proposal.ts';
import { Unavailable } from './python.ts';
import { NO_SERVER, type State, type Status } from './status.ts';
import { tuning } from './tuning.ts';
import { fromWire, toWire } from './wire.ts';

// What this client can do beside LSP.
const CLIENT = { name: 'firsthand.vscode', refresh: 'empty', proposals: true };
const SELECTOR = ['file', 'untitled', 'vscode-notebook-cell'].map((scheme) => ({ scheme }));
// The server's command, which code actions carry.
const ESCALATE = 'firsthand.escalate';
const SHOW_LOG = 'Show log';
const AGAIN = 'Try again';

export class Connection implements vscode.Disposable {
	readonly #changed = new vscode.EventEmitter<State>();
	/** Tells each new state of the server. */
	readonly onDidChange = this.#changed.event;
	readonly #proposed = new vscode.EventEmitter<Proposal>();
	/** Brings what the server proposes. */
	readonly onDidPropose = this.#proposed.event;
	readonly #ended = new vscode.EventEmitter<void>();
	/** Tells that a server ended, and with it all it knew. */
	readonly onDidEnd = this.#ended.event;
	readonly #work = new Work();
	readonly #context: vscode.ExtensionContext;
	readonly #log: vscode.LogOutputChannel;
	readonly #backoff = new Backoff();
	#state: State = { phase: 'starting', why: '' };
	#program: Program | undefined;
	#client: LanguageClient | undefined;
	#child: ChildProcess | undefined;
	#readyAt = 0;
	#closes = 0;
	#timer: NodeJS.Timeout | undefined;
	// One after another, or two servers would be left running.
	#turn: Promise<void> = Promise.resolve();

	constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
		this.#context = context;
		this.#log = log;
	}

	get state(): State {
		return this.#state;
	}

	/** The program that was started last. */
	get program(): Program | undefined {
		return this.#program;
	}

	/** Start the server as the settings say now, after an older one has ended; faults are said to the person. */
	start(): Promise<void> {
		this.#turn = this.#turn.then(() => this.#end()).then(() => this.#begin());
		return this.#turn;
	}

	/** Run one of the server's commands; undefined while no server runs. */
	async execute<T>(command: string, argument: object = {}): Promise<T | undefined> {
		if (!this.#client?.isRunning()) {
			return undefined;
		}
		return this.#client.sendRequest(ExecuteCommandRequest.type, {
			command: `firsthand.${command}`,
			arguments: [argument],
		}) as Promise<T>;
	}

	/** Have a frontier model asked; the server says what is wrong, and this that there is none. */
	async escalate(argument: object): Promise<void> {
		if (this.#client?.isRunning()) {
			await escalate(this.#context.workspaceState, () => this.execute('escalate', argument));
		} else {
			void vscode.window.showWarningMessage(NO_SERVER);
		}
	}

	/** Tell the server of the settings as they are now. */
	async configure(): Promise<void> {
		if (this.#client?.isRunning()) {
			await this.#client.sendNotification(DidChangeConfigurationNotification.type, { settings: this.#tuning() });
		}
	}

	async dispose(): Promise<void> {
		await this.#end();
		vscode.Disposable.from(this.#changed, this.#proposed, this.#ended).dispose();
	}

	async #end(): Promise<void> {
		clearTimeout(this.#timer);
		const client = this.#client;
		this.#client = undefined;
		this.#lose();
		// One that does not answer, or never began to, would not hear anything milder.
		const child = this.#child;
		await client?.dispose().catch(() => child?.kill('SIGKILL'));
	}

	async #begin(): Promise<void> {
		this.#backoff.reset();
		this.#become({ phase: 'starting', why: '' });
		try {
			this.#program = await program(this.#context, this.#log);
			this.#client = this.#make(this.#program);
			// Not waited for: a server that never answers must not hold up the next one.
			this.#connect().catch((fault) => this.#failed(fault));
		} catch (fault) {
			this.#failed(fault);
		}
	}

	#make(program: Program): LanguageClient {
		const options: LanguageClientOptions = {
			documentSelector: SELECTOR,
			outputChannel: this.#log,
			uriConverters: { code2Protocol: toWire, protocol2Code: fromWire },
			middleware: {
				...middleware,
				executeCommand: (command, [argument, ...rest], next) =>
					command === ESCALATE ? this.escalate(argument) : next(command, [argument, ...rest]),
				handleWorkDoneProgress: (token, told, next) => this.#work.hear(client, token, told, () => next(token, told)),
			},
			initializationOptions: () => ({ ...this.#tuning(), client: { ...CLIENT, trusted: vscode.workspace.isTrusted } }),
			initializationFailedHandler: () => false,
			errorHandler: {
				error: () => ({ action: ErrorAction.Continue, handled: true }),
				closed: () => {
					if (client === this.#client) {
						this.#closed();
					}
					return { action: CloseAction.DoNotRestart, handled: true };
				},
			},
		};
		const client: LanguageClient = new LanguageClient('firsthand', 'Firsthand', () => this.#spawn(program), options);
		refreshed(client);
		client.onNotification('firsthand/proposal', (proposal: Proposal) => this.#proposed.fire(proposal));
		client.onNotification('firsthand/status', (status: Status) => this.#become({ phase: 'running', status }));
		return client;
	}

	#spawn({ command, args, cwd }: Program): Promise<ChildProcess> {
		return new Promise((resolve, reject) => {
			const child = spawn(command, [...args, 'serve'], { cwd, windowsHide: true });
			this.#child = child;
			child.once('error', reject);
			child.once('spawn', () => resolve(child));
		});
	}

	async #connect(): Promise<void> {
		const closes = this.#closes;
		try {
			await this.#client?.start();
		} catch (fault) {
			if (this.#closes === closes) {
				throw fault;
			}
			return; // it ended, and what follows from that is on its way
		}
		this.#readyAt = Date.now();
		if (this.#state.phase !== 'running') {
			this.#become({ phase: 'running', status: undefined });
		}
	}

	/** What a server knew is gone with it. */
	#lose(): void {
		this.#work.end();
		this.#ended.fire();
	}

	#closed(): void {
		this.#closes += 1;
		this.#lose();
		const lived = this.#readyAt ? Date.now() - this.#readyAt : 0;
		this.#readyAt = 0;
		const wait = this.#backoff.next(lived);
		if (wait === undefined) {
			this.#failed(new Unavailable('the server ended again and again and stays away: the log may say why.'));
			return;
		}
		this.#become({ phase: 'waiting', why: '' });
		this.#timer = setTimeout(() => {
			this.#connect().catch((fault) => this.#failed(fault));
		}, wait);
	}

	#failed(fault: unknown): void {
		const unavailable = fault instanceof Unavailable;
		this.#log.error(fault instanceof Error ? (unavailable ? fault.message : (fault.stack ?? '')) : String(fault));
		const why = unavailable ? fault.message : 'the server could not be started: the log says more.';
		this.#become({ phase: 'failed', why });
		void vscode.window.showErrorMessage(`Firsthand: ${why}`, AGAIN, SHOW_LOG).then((chosen) => {
			if (chosen === SHOW_LOG) {
				this.#log.show();
			} else if (chosen === AGAIN) {
				void this.start();
			}
		});
	}

	#tuning(): Record<string, unknown> {
		const [tuned] = this.#context.extension.packageJSON.contributes.configuration;
		const names = Object.keys(tuned.properties).map((name) => name.replace('firsthand.', ''));
		const settings = vscode.workspace.getConfiguration('firsthand');
		return tuning(names, (name) => settings.inspect(name));
	}

	#become(state: State): void {
		this.#state = state;
		this.#changed.fire(state);
	}
}
