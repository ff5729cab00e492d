/** When a server that ended is started anew. */

// Seconds to wait after each crash in a row; after the last of them it stays away.
const WAITS: readonly number[] = [1, 2, 4, 8, 15];
// Milliseconds after which a server that lives has recovered.
const SOUND_MS = 60_000;

export class Backoff {
	#crashes = 0;

	/**
	 * The milliseconds to wait before the next start; undefined for no more starts.
	 *
	 * @param lived how many milliseconds the server was ready before it ended.
	 */
	next(lived: number): number | undefined {
		this.#crashes = lived > SOUND_MS ? 1 : this.#crashes + 1;
		const seconds = WAITS[this.#crashes - 1];
		return seconds === undefined ? undefined : seconds * 1000;
	}

	/** Forget what was. */
	reset(): void {
		this.#crashes = 0;
	}
}
