/** A question about code, and what is said of an answer. */

/** As `firsthand.quiz` sends it; lines count from 0. */
export interface Question {
	prompt: string;
	options: string[];
	answer: number;
	lines: number[];
}

/** Whether a choice was right, and which lines say so. */
export function verdict({ options, answer, lines }: Question, choice: number): string {
	const numbers = lines.map((line) => line + 1).join(', ');
	const where = lines.length > 1 ? `Lines ${numbers} say so.` : `Line ${numbers} says so.`;
	return choice === answer ? `Right. ${where}` : `No, it is "${options[answer]}". ${where}`;
}
