/** Compresses the wheel in `dist` better than the package itself can, which knows nothing but deflate. */
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const DIST = path.join(import.meta.dirname, 'dist');

for (const name of (await fs.readdir(DIST)).filter((each) => each.endsWith('.whl'))) {
	const wheel = path.join(DIST, name);
	const content = await fs.readFile(wheel);
	const params = {
		[constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
		[constants.BROTLI_PARAM_SIZE_HINT]: content.length,
	};
	await fs.writeFile(`${wheel}.br`, brotliCompressSync(content, { params }));
	await fs.rm(wheel);
}
