/** What acorn says of functions, to hold questions about them against: `node --expose-internals ecma.cjs`.
 *
 * Reads the names of files, one a line, and writes for each a line of JSON: its functions, or null for one
 * that it can't parse. Types are blanked out of TypeScript by Node.js first; lines count from 0.
 */
'use strict';
const { readFileSync } = require('node:fs');
const { stripTypeScriptTypes } = require('node:module');
const acorn = require('internal/deps/acorn/acorn/dist/acorn');

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const OWN = new Set([...FUNCTIONS, 'ClassDeclaration', 'ClassExpression', 'StaticBlock']);
const LOOPS = ['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement', 'WithStatement'];

function* parts(node) {
	for (const value of Object.values(node)) {
		for (const each of Array.isArray(value) ? value : [value]) {
			if (each && typeof each.type === 'string') {
				yield each;
			}
		}
	}
}

function* all(node, but = new Set()) {
	for (const each of parts(node)) {
		if (!but.has(each.type)) {
			yield each;
			yield* all(each, but);
		}
	}
}

function written(node) {
	if (node.type === 'Identifier') return node.name;
	if (node.type === 'ThisExpression') return 'this';
	if (node.type !== 'MemberExpression' || node.computed || node.optional) return '';
	const start = written(node.object);
	const last = node.property.type === 'PrivateIdentifier' ? `#${node.property.name}` : node.property.name;
	return start && `${start}.${last}`;
}

function calls(nodes) {
	const found = [];
	for (const node of nodes) {
		const called = { CallExpression: node.callee, TaggedTemplateExpression: node.tag }[node.type];
		if (called) found.push(written(called));
	}
	return found.filter(Boolean);
}

function thrown(nodes) {
	return nodes
		.filter((node) => node.type === 'ThrowStatement' && ['NewExpression', 'CallExpression'].includes(node.argument.type))
		.map((node) => written(node.argument.callee))
		.filter((name) => /^\p{Lu}/u.test(name.split('.').at(-1)));
}

function nothing(value) {
	return value === null || (value.type === 'Literal' && value.raw === 'null') || (value.type === 'Identifier' && value.name === 'undefined');
}

/** By the line of the innermost branch: whether its returns are of nothing. */
function branches(body, line, lineOf, word) {
	const found = {};
	function visit(node, branch) {
		if (OWN.has(node.type)) return;
		if (node.type === 'ReturnStatement') (found[branch] ??= []).push(nothing(node.argument));
		for (const [name, value] of Object.entries(node)) {
			for (const each of Array.isArray(value) ? value : [value]) {
				if (each && typeof each.type === 'string') visit(each, inner(node, name, each, branch));
			}
		}
	}
	function inner(node, name, part, branch) {
		if (node.type === 'IfStatement' && name === 'alternate') return lineOf(word('else', node.consequent.end, part.start));
		if (node.type === 'TryStatement' && name === 'finalizer') {
			return lineOf(word('finally', (node.handler ?? node.block).end, part.start));
		}
		const begins = ['IfStatement', 'TryStatement', 'CatchClause', 'SwitchCase', ...LOOPS].includes(node.type);
		return begins ? lineOf(node.start) : branch;
	}
	if (body.type === 'BlockStatement') for (const each of body.body) visit(each, line);
	return found;
}

function read(path) {
	let source = readFileSync(path, 'utf8');
	if (/\.tsx?$/.test(path)) source = stripTypeScriptTypes(source);
	const tokens = [];
	const options = { ecmaVersion: 'latest', allowReturnOutsideFunction: true, allowHashBang: true, onToken: tokens };
	let tree;
	try {
		tree = acorn.parse(source, { ...options, sourceType: 'module' });
	} catch {
		tokens.length = 0;
		tree = acorn.parse(source, { ...options, sourceType: 'script' });
	}
	const ends = [...source.matchAll(/\r\n|\r|\n/g)].map((each) => each.index + each[0].length);
	const lineOf = (at) => ends.filter((end) => end <= at).length;
	const word = (keyword, start, end) =>
		tokens.find((each) => each.type.keyword === keyword && each.start >= start && each.start < end).start;
	const found = [];
	function take(node, name, body, around, method) {
		const own = OWN.has(body.type) ? [] : [body, ...all(body, OWN)];
		found.push({
			line: lineOf(node.start),
			name,
			container: around.join('.'),
			method,
			calls: calls(own),
			raises: thrown(own),
			branches: branches(body, lineOf(node.start), lineOf, word),
		});
	}
	function visit(node, around, className) {
		for (const each of parts(node)) {
			let inner = around;
			let inside = '';
			if (each.type === 'FunctionDeclaration' && each.id) {
				take(each, each.id.name, each.body, around, false);
				inner = [...around, each.id.name];
			} else if (each.type === 'VariableDeclarator' && each.id.type === 'Identifier' && each.init && FUNCTIONS.has(each.init.type)) {
				take(each, each.id.name, each.init.body, around, false);
				inner = [...around, each.id.name];
			} else if (each.type === 'MethodDefinition' && className && ['method', 'constructor'].includes(each.kind) && !each.computed) {
				const name = each.key.type === 'PrivateIdentifier' ? `#${each.key.name}` : each.key.name;
				if (name) {
					take(each, name, each.value.body, around, true);
					inner = [...around, name];
				}
			} else if (/^Class(Declaration|Expression)$/.test(each.type) && each.id) {
				inner = [...around, each.id.name];
				inside = each.id.name;
			} else if (each.type === 'ClassBody') {
				inside = className;
			}
			visit(each, inner, inside);
		}
	}
	visit(tree, [], '');
	return found;
}

for (const path of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
	let found = null;
	try {
		found = read(path);
	} catch {
		// A file that acorn can't read: JSX, or syntax that goes beyond types.
	}
	process.stdout.write(`${JSON.stringify(found)}\n`);
}
