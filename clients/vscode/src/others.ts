/** Other extensions that show ghost text: VS Code then decides whose is seen. */
import * as vscode from 'vscode';

interface Other {
	id: string;
	name: string;
	/** The setting that turns its ghost text off, if it has one. */
	setting?: string;
}

const KNOWN: readonly Other[] = [
	{ id: 'GitHub.copilot', name: 'GitHub Copilot', setting: 'github.copilot.enable' },
	{ id: 'GitHub.copilot-chat', name: 'GitHub Copilot', setting: 'github.copilot.enable' },
	{ id: 'supermaven.supermaven', name: 'Supermaven', setting: 'supermaven.enable' },
	{ id: 'Codeium.codeium', name: 'Windsurf (Codeium)', setting: 'codeium.enableConfig' },
	{ id: 'TabNine.tabnine-vscode', name: 'Tabnine' },
	{ id: 'Continue.continue', name: 'Continue', setting: 'continue.enableTabAutocomplete' },
	{ id: 'AmazonWebServices.amazon-q-vscode', name: 'Amazon Q' },
	{ id: 'sourcegraph.cody-ai', name: 'Cody', setting: 'cody.suggestions.mode' },
];
const SAID = 'others.said';

/** Say once of each that it is there. */
export async function noticeOthers(context: vscode.ExtensionContext): Promise<void> {
	const said = context.globalState.get<string[]>(SAID, []);
	const found = KNOWN.filter(({ id, name }) => vscode.extensions.getExtension(id) && !said.includes(name));
	const other = found.find((each) => !isOff(each));
	if (!other) {
		return;
	}
	await context.globalState.update(SAID, [...said, other.name]);
	const { id, name, setting } = other;
	const mend = setting
		? `turn one of them off, ${name} by ${setting}`
		: `turn one of them off, ${name} in its own settings`;
	const show = 'Show its settings';
	const chosen = await vscode.window.showInformationMessage(
		`Firsthand: ${name} shows ghost text, too, and VS Code decides whose you see: ${mend}.`,
		show,
	);
	if (chosen === show) {
		await vscode.commands.executeCommand('workbench.action.openSettings', setting ?? `@ext:${id}`);
	}
}

function isOff({ setting }: Other): boolean {
	const value = setting && vscode.workspace.getConfiguration().get<unknown>(setting);
	const whole = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['*'] : value;
	return whole === false || whole === 'off';
}
