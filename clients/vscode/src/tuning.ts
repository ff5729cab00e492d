/** The settings that the server is told of. */

/** What VS Code knows of one setting: its value in each place where it was set. */
export interface Inspected {
	globalValue?: unknown;
	workspaceValue?: unknown;
	workspaceFolderValue?: unknown;
}

/**
 * The values that somebody set, by name.
 *
 * What nobody set is left out: then the person's own configuration file decides, and not the
 * default that VS Code shows.
 */
export function tuning(
	names: readonly string[],
	inspect: (name: string) => Inspected | undefined,
): Record<string, unknown> {
	const set: Record<string, unknown> = {};
	for (const name of names) {
		const found = inspect(name);
		const value = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
		if (value !== undefined) {
			set[name] = value;
		}
	}
	return set;
}
