/** Long work of the server: what can be cancelled is told of where a person can do that. */
import * as vscode from 'vscode';
import type { LanguageClient, WorkDoneProgressBegin, WorkDoneProgressReport } from 'vscode-languageclient/node';
import { type ProgressToken, WorkDoneProgressCancelNotification } from 'vscode-languageclient/node';

type Told = WorkDoneProgressBegin | WorkDoneProgressReport | { kind: 'end' };

interface Running {
	report: (message: string) => void;
	end: () => void;
}

/** The work that one server does; the client itself shows it in the status bar, without a way to cancel. */
export class Work {
	readonly #running = new Map<ProgressToken, Running>();

	/** Hear of some work; `next` shows it as the client does. */
	hear(client: LanguageClient, token: ProgressToken, told: Told, next: () => void): void {
		const running = this.#running.get(token);
		if (running && told.kind === 'end') {
			running.end();
		} else if (running && told.kind === 'report') {
			running.report(told.message ?? '');
		} else if (told.kind === 'begin' && told.cancellable) {
			this.#begin(client, token, told);
		} else {
			next();
		}
	}

	/** The server is gone, and all its work with it. */
	end(): void {
		for (const running of [...this.#running.values()]) {
			running.end();
		}
	}

	#begin(client: LanguageClient, token: ProgressToken, { title, message }: WorkDoneProgressBegin): void {
		const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
		void vscode.window.withProgress(options, (progress, cancelling) => {
			cancelling.onCancellationRequested(() => {
				void client.sendNotification(WorkDoneProgressCancelNotification.type, { token });
			});
			progress.report({ message });
			return new Promise<void>((resolve) => {
				const end = () => {
					this.#running.delete(token);
					resolve();
				};
				this.#running.set(token, { report: (said) => progress.report({ message: said }), end });
			});
		});
	}
}
