/** What the person is shown of the server's state. */

/** Said where something was asked for that needs a server. */
export const NO_SERVER = 'Firsthand: no server runs; the log says why.';

/** The parameters of `firsthand/status`. */
export interface Status {
	level: 'frontier' | 'inline' | 'embedded' | 'paused' | 'off';
	reason: string;
	model: string;
	latency_ms: number;
	thinking: boolean;
	indexing: { done: number; total: number } | null;
	day_usd: number;
	cap_usd: number | null;
}

/** How far the server itself is; `why` is a sentence, or empty. */
export type State =
	| { phase: 'starting' | 'failed' | 'waiting'; why: string }
	| { phase: 'running'; status: Status | undefined };

export interface View {
	text: string;
	/** Markdown-free lines. */
	tooltip: string[];
	/** Something wants to be mended. */
	attention: boolean;
}

/** The item of the status bar. */
export function view(state: State): View {
	if (state.phase !== 'running') {
		const text = {
			starting: '$(loading~spin) Firsthand',
			failed: '$(warning) Firsthand',
			waiting: '$(sync) Firsthand',
		};
		const line = { starting: 'The server starts', failed: 'No server', waiting: 'The server ended and starts anew' };
		const tooltip = [line[state.phase], ...(state.why ? [state.why] : [])];
		return { text: text[state.phase], tooltip, attention: state.phase === 'failed' };
	}
	const status = state.status;
	if (!status) {
		return { text: '$(loading~spin) Firsthand', tooltip: ['The server starts'], attention: false };
	}
	const spent = status.day_usd > 0 ? ` ${dollars(status.day_usd)}` : '';
	return { text: `${icon(status)} ${label(status)}${spent}`, tooltip: lines(status), attention: false };
}

function icon(status: Status): string {
	switch (status.level) {
		case 'paused':
			return '$(debug-pause)';
		case 'off':
			return '$(circle-slash)';
		default:
			return status.thinking ? '$(loading~spin)' : '$(edit)';
	}
}

function label(status: Status): string {
	const rests = status.level === 'paused' || status.level === 'off';
	return rests ? status.level : status.model || status.level;
}

function lines(status: Status): string[] {
	const found = [tier(status)];
	if (status.reason) {
		found.push(`Why: ${status.reason}`);
	}
	if (status.thinking) {
		found.push('The model is writing');
	}
	if (status.latency_ms > 0) {
		found.push(`Last answer after ${Math.max(1, Math.round(status.latency_ms))} ms`);
	}
	if (status.indexing) {
		found.push(`Learning the workspace: ${status.indexing.done} of ${status.indexing.total} files`);
	}
	const cap = status.cap_usd === null ? '' : ` of ${dollars(status.cap_usd)}`;
	found.push(`Spent today: ${dollars(status.day_usd)}${cap}`);
	return found;
}

function tier(status: Status): string {
	switch (status.level) {
		case 'paused':
			return 'Paused';
		case 'off':
			return 'Switched off';
		case 'embedded':
			return 'The embedded model completes: nothing leaves this machine';
		default:
			return `${status.model || 'A model'} completes (${status.level} tier)`;
	}
}

function dollars(amount: number): string {
	return `$${amount.toFixed(amount > 0 && amount < 0.01 ? 4 : 2)}`;
}
