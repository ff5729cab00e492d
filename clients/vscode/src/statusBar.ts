/** The item of the status bar; a click opens the menu. */
import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { view } from './status.ts';

export function statusBar(connection: Connection): vscode.Disposable {
	const item = vscode.window.createStatusBarItem('firsthand.status', vscode.StatusBarAlignment.Right, 100);
	item.name = 'Firsthand';
	item.command = 'firsthand.menu';
	const show = () => {
		const { text, tooltip, attention } = view(connection.state);
		item.text = text;
		item.tooltip = ['Firsthand', ...tooltip].join('\n');
		item.backgroundColor = attention ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
	};
	show();
	item.show();
	return vscode.Disposable.from(item, connection.onDidChange(show));
}
