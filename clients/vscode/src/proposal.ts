/** A proposal of the server, and what its hunks make of a text; without VS Code. */

export interface Position {
	line: number;
	character: number;
}

export interface Range {
	start: Position;
	end: Position;
}

/** A piece of a proposal that can be applied alone: whole lines of the text. */
export interface Hunk {
	id: number;
	range: Range;
	newText: string;
	/** What to look at in it, one a line. */
	check: string;
}

/** A place where models that were asked the same differ. */
export interface Disagreement {
	range: Range;
	note: string;
	choices: readonly { models: readonly string[]; text: string; chosen: boolean }[];
}

/** The parameters of `firsthand/proposal`. */
export interface Proposal {
	id: number;
	uri: string;
	version: number;
	/** In the order of the text. */
	hunks: readonly Hunk[];
	summary: string;
	/** Why it is this candidate, where there were several. */
	reason?: string;
	disagreements: readonly Disagreement[];
	warnings?: readonly string[];
	cost_usd: number | null;
	model: string;
	sent_id: string;
}

/** An edit that was made to a document. */
export interface Change {
	range: Range;
	text: string;
}

/** A text with hunks of it applied. */
export function applied(text: string, hunks: readonly Hunk[]): string {
	const starts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
	const offset = ({ line, character }: Position) => Math.min((starts[line] ?? text.length) + character, text.length);
	let after = text;
	for (const { range, newText } of [...hunks].reverse()) {
		after = after.slice(0, offset(range.start)) + newText + after.slice(offset(range.end));
	}
	return after;
}

/** The line at which each hunk begins once all of them are applied. */
export function lines(hunks: readonly Hunk[]): number[] {
	let down = 0;
	return hunks.map((hunk) => {
		const line = hunk.range.start.line + down;
		down += growth(hunk.range, hunk.newText);
		return line;
	});
}

/** The hunks that are left, for the text in which one of them was applied. */
export function without(hunks: readonly Hunk[], id: number): Hunk[] {
	let down = 0;
	const left: Hunk[] = [];
	for (const hunk of hunks) {
		if (hunk.id === id) {
			down = growth(hunk.range, hunk.newText);
		} else {
			left.push(moved(hunk, down));
		}
	}
	return left;
}

/** Hunks for the text after an edit; undefined where it touches one of them. */
export function shifted(hunks: readonly Hunk[], { range, text }: Change): Hunk[] | undefined {
	const found: Hunk[] = [];
	for (const hunk of hunks) {
		const whole = range.end.character === 0 && (text === '' ? range.start.character === 0 : text.endsWith('\n'));
		if (before(range.end, hunk.range.start) || (whole && !before(hunk.range.start, range.end))) {
			found.push(moved(hunk, growth(range, text)));
		} else if (before(hunk.range.end, range.start) || equal(hunk.range.end, range.start)) {
			found.push(hunk);
		} else {
			return undefined;
		}
	}
	return found;
}

/** What the person reads first of a proposal: who, for how much, and what changes. */
export function headline({ model, cost_usd, summary }: Proposal): string {
	return `${model}, ${price(cost_usd)}${summary ? `: ${summary.replaceAll(/\s+/g, ' ')}` : ''}`;
}

export function price(usd: number | null): string {
	return usd === null ? 'price unknown' : `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;
}

/** All that is to be said of a proposal beside its diff. */
export function explained(proposal: Proposal): string {
	const { summary, reason, warnings, disagreements, hunks, sent_id } = proposal;
	const checks = hunks.flatMap(({ check }) => check.split('\n')).filter((line) => line !== '');
	const parts = [
		[`By ${proposal.model}, ${price(proposal.cost_usd)}.`],
		[summary],
		[reason ?? ''],
		titled('To check', checks),
		titled('Warnings', warnings ?? []),
		...disagreements.map(({ range, note, choices }) => [
			`The models disagree at line ${range.start.line + 1}: ${note}`,
			...choices.flatMap(({ models, text, chosen }) => [
				`- ${models.join(', ')}${chosen ? ' (proposed)' : ''}:`,
				...text.trimEnd().split('\n'),
			]),
		]),
		[sent_id ? `What was sent: firsthand sent ${sent_id}` : 'Nothing left this machine for it.'],
	];
	return `${parts
		.map((part) => part.filter((line) => line !== '').join('\n'))
		.filter((part) => part !== '')
		.join('\n\n')}\n`;
}

function titled(title: string, said: readonly string[]): string[] {
	return said.length ? [`${title}:`, ...said.map((line) => `- ${line}`)] : [];
}

/** How many lines more there are after a range was replaced. */
function growth({ start, end }: Range, text: string): number {
	return (text.match(/\r\n|\r|\n/g) ?? []).length - (end.line - start.line);
}

function moved(hunk: Hunk, down: number): Hunk {
	const { start, end } = hunk.range;
	const range = { start: { ...start, line: start.line + down }, end: { ...end, line: end.line + down } };
	return { ...hunk, range };
}

function before(one: Position, other: Position): boolean {
	return one.line < other.line || (one.line === other.line && one.character < other.character);
}

function equal(one: Position, other: Position): boolean {
	return one.line === other.line && one.character === other.character;
}
