/** A value as text: one line `name: value` each, what lies deeper further right. */
export function listed(value: unknown, margin = ''): string {
	if (typeof value === 'string' && value.includes('\n')) {
		return value
			.split('\n')
			.map((line) => margin + line)
			.join('\n');
	}
	if (typeof value !== 'object' || value === null) {
		return margin + String(value);
	}
	const lines: string[] = [];
	for (const [name, each] of Object.entries(value)) {
		const label = Array.isArray(value) ? '-' : `${name}:`;
		if (name === 'schema' || each === null || each === '') {
			continue;
		}
		if (typeof each === 'object' || (typeof each === 'string' && each.includes('\n'))) {
			const inner = listed(each, `${margin}  `);
			lines.push(margin + label + (inner === '' ? ' none' : ''), ...(inner === '' ? [] : [inner]));
		} else {
			lines.push(`${margin}${label} ${each}`);
		}
	}
	return lines.join('\n');
}
