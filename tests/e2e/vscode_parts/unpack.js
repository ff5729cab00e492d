// Unpacks the browser, its libraries and its fonts below the folder that TMPDIR names.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import chromium from '@sparticuz/chromium';

await chromium.executablePath();
const packed = 'node_modules/@sparticuz/chromium/bin/al2023.tar.br';
const tar = join(tmpdir(), 'libraries.tar');
writeFileSync(tar, brotliDecompressSync(readFileSync(packed)));
execFileSync('tar', ['xf', tar, '-C', tmpdir()]);
rmSync(tar);
cpSync('node_modules/dejavu-fonts-ttf/ttf', join(tmpdir(), 'fonts/fonts'), { recursive: true });
