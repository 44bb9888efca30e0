// Ground truth of a TypeScript project's symbol graph: go-to-definition of TypeScript's language
// service, asked for every identifier.
//
//   node gt_typescript.mjs REPO_DIR OUT.jsonl[.gz] [--typescript MODULE_DIR] [--js]
//                          [--only DIR/] [--path NAME=FILE]...
//
// Install the project's packages first, so that types from outside are known. --path maps the name
// of a package to its source (packages of one workspace import each other by name and would lead
// to build output); --js covers JavaScript files as well. Each file is checked with the options of
// the nearest tsconfig.json above it.
//
// Files that git tracks are covered. Lines are 1-based, columns 0-based UTF-8 bytes. Records:
//   {"kind":"meta",...}
//   {"kind":"ref","path","line","col","name","scope","defs":[[path,line,sym]..],"call":0|1}
//           scope: repo local ext; a namespace import leads to line 1 of the module's file
//   {"kind":"unres","path","line","col","name","call","caller":[path,line]}
//   {"kind":"def","path","line","col","name","sym","first","end"}
//           sym: function method nested class interface type enum field variable namespace param local
//   {"kind":"canon","path","line","to":[path,line]}   constructor -> class; overloads and accessors -> the last
//   {"kind":"call","caller":[path,line],"callee":[path,line],"at":[line,col]}
//           caller: the innermost function that has a name (its own, or that of the variable or
//           property it is the value of); line 0: none
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";

const options = parseArguments(process.argv.slice(2));
const ts = createRequire(import.meta.url)(options.typescript);
const root = realpathSync(options.repo);
const K = ts.SyntaxKind;
const extensions = options.js ? /\.[cm]?[jt]sx?$/ : /\.[cm]?tsx?$/;
const tracked = new Set(
  git("ls-files", "-z").split("\0").filter((file) => extensions.test(file) && existsSync(path.join(root, file))),
);
const lineTables = new Map();
const records = { refs: [], defs: [], canons: new Map(), calls: [] };
const counts = { tokens: 0, resolved: 0, unresolved: 0 };
const covered = [...tracked].filter((file) => file.startsWith(options.only)).sort();

const started = Date.now();
for (const [config, files] of groupByConfig(covered)) {
  const service = languageService(config, files);
  const program = service.getProgram();
  program.getTypeChecker(); // binds every file, which sets the parents of nodes
  for (const file of files) {
    coverFile(service, program, program.getSourceFile(path.join(root, file)), file);
  }
  service.dispose();
}
const seconds = Math.round((Date.now() - started) / 100) / 10;
writeRecords();

function parseArguments(list) {
  const parsed = { typescript: "typescript", js: false, only: "", paths: {}, positional: [] };
  for (let i = 0; i < list.length; i++) {
    if (list[i] === "--js") parsed.js = true;
    else if (list[i] === "--typescript") parsed.typescript = path.resolve(list[++i]);
    else if (list[i] === "--only") parsed.only = list[++i];
    else if (list[i] === "--path") {
      const [name, file] = list[++i].split("=");
      (parsed.paths[name] ??= []).push(file);
    } else parsed.positional.push(list[i]);
  }
  [parsed.repo, parsed.out] = parsed.positional;
  if (!parsed.out) throw new Error("usage: gt_typescript.mjs REPO_DIR OUT.jsonl[.gz] [options]");
  return parsed;
}

function git(...list) {
  return execFileSync("git", ["-C", root, ...list], { encoding: "utf8", maxBuffer: 1 << 28 }).trim();
}

// Groups files by the nearest tsconfig.json above each; the empty name stands for none.
function groupByConfig(files) {
  const groups = new Map();
  for (const file of files) {
    const config = ts.findConfigFile(path.dirname(path.join(root, file)), ts.sys.fileExists) ?? "";
    const inside = config.startsWith(root) ? config : "";
    if (!groups.has(inside)) groups.set(inside, []);
    groups.get(inside).push(file);
  }
  return groups;
}

function compilerOptions(config) {
  let chosen = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, jsx: ts.JsxEmit.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler };
  let configured = [];
  if (config) {
    const read = ts.readConfigFile(config, ts.sys.readFile);
    const parsed = ts.parseJsonConfigFileContent(read.config ?? {}, ts.sys, path.dirname(config));
    for (const error of parsed.errors) console.error(ts.flattenDiagnosticMessageText(error.messageText, " "));
    chosen = parsed.options;
    configured = parsed.fileNames;
  }
  const paths = { ...chosen.paths };
  for (const [name, files] of Object.entries(options.paths)) paths[name] = files.map((file) => path.join(root, file));
  return { chosen: { ...chosen, allowJs: options.js || chosen.allowJs, noEmit: true, skipLibCheck: true, paths }, configured };
}

function languageService(config, files) {
  const { chosen, configured } = compilerOptions(config);
  const names = [...new Set([...files.map((file) => path.join(root, file)), ...configured])];
  return ts.createLanguageService({
    getScriptFileNames: () => names,
    getScriptVersion: () => "0",
    getScriptSnapshot: (name) => {
      const text = ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => (config ? path.dirname(config) : root),
    getCompilationSettings: () => chosen,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: ts.sys.realpath,
  });
}

function coverFile(service, program, source, file) {
  const visit = (node) => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) coverName(service, program, source, file, node);
    if (!ts.isJSDoc(node)) ts.forEachChild(node, visit);
  };
  visit(source);
}

function coverName(service, program, source, file, node) {
  const start = node.getStart(source);
  if (node.end === start) return; // a name that is missing in broken code
  counts.tokens++;
  const own = declarationOf(node);
  if (own) define(file, source, node, own);
  const answers = service.getDefinitionAtPosition(source.fileName, start) ?? [];
  const targets = answers.flatMap((answer) => targetsOf(program, answer));
  const call = Number(isCalled(node));
  const elsewhere = (call ? ofSymbol(program, node, targets) : targets).filter((target) => target.file !== file || target.start !== start);
  if (own && (!bindsProperty(node) || elsewhere.length === 0)) {
    counts.resolved++;
    return;
  }
  const at = { path: file, ...place(file, source, start), name: node.text };
  if (targets.length === 0) {
    counts.unresolved++;
    records.refs.push({ kind: "unres", ...at, call, caller: callerOf(file, source, node) });
    return;
  }
  counts.resolved++;
  refer(at, elsewhere, call, () => callerOf(file, source, node));
}

// For a call the service adds the signature that the type of the called value gives, wherever it
// stands; that is an answer only where the name itself has none.
function ofSymbol(program, node, targets) {
  const checker = program.getTypeChecker();
  let symbol = checker.getSymbolAtLocation(node);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  const declarations = new Set(symbol?.declarations);
  const named = targets.filter((target) => target.file === null || declarations.has(target.declared));
  return named.length > 0 ? named : targets;
}

// Writes a reference, and the call if it is one.
function refer(at, targets, call, caller) {
  const places = targets.filter((target) => target.file !== null);
  const unique = [...new Map(places.map((t) => [`${t.file}:${t.line}:${t.sym}`, [t.file, t.line, t.sym]])).values()];
  const scope = unique.length === 0 ? "ext" : unique.every(([, , sym]) => sym === "param" || sym === "local") ? "local" : "repo";
  records.refs.push({ kind: "ref", ...at, scope, defs: unique, call });
  if (!call) return;
  for (const [target, line, sym] of unique) {
    if (["function", "method", "nested", "class"].includes(sym)) {
      records.calls.push({ kind: "call", caller: caller(), callee: [target, line], at: [at.line, at.col] });
    }
  }
}

// The declaration that a name introduces, if it introduces one. Imports and exports only pass a
// symbol on.
function declarationOf(node) {
  const parent = node.parent;
  if (parent.name !== node) return undefined;
  switch (parent.kind) {
    case K.PropertyAccessExpression:
    case K.ImportSpecifier:
    case K.ImportClause:
    case K.NamespaceImport:
    case K.NamespaceExport:
    case K.ExportSpecifier:
    case K.ImportEqualsDeclaration:
    case K.ShorthandPropertyAssignment:
    case K.JsxAttribute:
    case K.MetaProperty:
    case K.NamespaceExportDeclaration:
    case K.NamedTupleMember:
      return undefined;
    default:
      return parent;
  }
}

// A key of an object literal, and a name in an object pattern, also refer to the property of the
// type that is asked for or taken apart.
function bindsProperty(node) {
  const parent = node.parent;
  return (
    (ts.isObjectLiteralExpression(parent.parent) && ts.isObjectLiteralElement(parent)) ||
    (ts.isBindingElement(parent) && !parent.propertyName && ts.isObjectBindingPattern(parent.parent))
  );
}

// Turns an answer into places in the project: {file, line, start, sym, declared}; file null: outside it.
function targetsOf(program, answer) {
  const file = path.relative(root, answer.fileName);
  const outside = file.startsWith("..") || path.isAbsolute(file) || file.includes("node_modules/");
  if (outside) return [{ file: null }];
  if (!tracked.has(file)) return []; // build output: where it comes from is unknown
  const source = program.getSourceFile(answer.fileName);
  if (!source) return [];
  const node = nodeAt(source, answer.textSpan.start);
  if (!node || answer.kind === "module" && answer.textSpan.start === 0 && !ts.isIdentifier(node)) {
    return [{ file, line: 1, start: -1, sym: "module" }];
  }
  let declared = node.parent;
  if (ts.isConstructorDeclaration(node) || ts.isConstructorDeclaration(declared)) {
    const holder = ts.isConstructorDeclaration(node) ? node.parent : declared.parent;
    return [target(file, source, holder, holder.name ?? holder)];
  }
  if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) declared = declarationAround(node, answer.textSpan);
  if (isOverloadable(declared)) {
    const symbol = declared.symbol ?? program.getTypeChecker().getSymbolAtLocation(node);
    const same = (symbol?.declarations ?? []).filter((d) => d.name && isOverloadable(d));
    const all = same.filter((d) => tracked.has(path.relative(root, d.getSourceFile().fileName)));
    if (all.length > 1) return all.map((d) => target(path.relative(root, d.getSourceFile().fileName), d.getSourceFile(), d, d.name));
  }
  return [target(file, source, declared, node)];
}

function target(file, source, declared, node) {
  const start = node.getStart(source);
  return { file, start, line: place(file, source, start).line, sym: symbolKind(declared), declared };
}

function isOverloadable(node) {
  return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node);
}

// The innermost node that starts at a position: a name where there is one.
function nodeAt(source, position) {
  let found;
  const visit = (node) => {
    if (position < node.getFullStart() || position >= node.end) return;
    if (node.getStart(source) === position && node !== source) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

// The outermost node of an answer's extent, for declarations that have no name.
function declarationAround(node, span) {
  let outer = node;
  while (outer.parent && !ts.isSourceFile(outer.parent) && outer.parent.end <= span.start + span.length) outer = outer.parent;
  return ts.isStringLiteralLike(node) || ts.isNumericLiteral(node) || ts.isComputedPropertyName(node.parent) ? node.parent : outer;
}

// Names what a declaration declares, in the words of the records.
function symbolKind(node) {
  switch (node.kind) {
    case K.FunctionDeclaration:
      return insideFunction(node) ? "nested" : "function";
    case K.FunctionExpression:
    case K.ArrowFunction:
      return "nested";
    case K.MethodDeclaration:
    case K.MethodSignature:
    case K.GetAccessor:
    case K.SetAccessor:
      return "method";
    case K.ClassDeclaration:
    case K.ClassExpression:
      return "class";
    case K.InterfaceDeclaration:
      return "interface";
    case K.TypeAliasDeclaration:
      return "type";
    case K.EnumDeclaration:
      return "enum";
    case K.ModuleDeclaration:
      return "namespace";
    case K.ExportAssignment:
      return "variable";
    case K.TypeParameter:
      return "local";
    case K.Parameter:
      return ts.isParameterPropertyDeclaration(node, node.parent) ? "field" : "param";
    case K.VariableDeclaration:
      if (node.initializer && ts.isClassExpression(node.initializer)) return "class";
      if (isFunctionValue(node.initializer)) return insideFunction(node) ? "nested" : "function";
      return insideFunction(node) ? "local" : "variable";
    case K.BindingElement:
      return patternKind(node);
    case K.PropertyDeclaration:
    case K.PropertyAssignment:
      return isFunctionValue(node.initializer) ? "method" : "field";
    default:
      return insideFunction(node) && !ts.isTypeElement(node) && !ts.isObjectLiteralElement(node) && !ts.isEnumMember(node) ? "local" : "field";
  }
}

function patternKind(node) {
  let outer = node;
  while (ts.isBindingElement(outer) || ts.isBindingPattern(outer)) outer = outer.parent;
  if (ts.isParameter(outer)) return "param";
  return insideFunction(outer) ? "local" : "variable";
}

function insideFunction(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isFunctionLike(at) && at.body) return true;
    if (ts.isClassStaticBlockDeclaration(at)) return true;
    const block = ts.isBlock(at) || ts.isCatchClause(at) || ts.isIterationStatement(at, false);
    if (block && isBlockScoped(node)) return true;
  }
  return false;
}

function isBlockScoped(node) {
  return !ts.isVariableDeclaration(node) || ts.isCatchClause(node.parent) || Boolean(node.parent.flags & ts.NodeFlags.BlockScoped);
}

// An arrow function or function expression, whatever type is claimed for it.
function isFunctionValue(node) {
  let inner = node;
  while (inner && (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isTypeAssertionExpression(inner) || ts.isNonNullExpression(inner))) {
    inner = inner.expression;
  }
  return Boolean(inner) && (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner));
}

function define(file, source, node, declared) {
  if (declared.kind === K.Parameter && !declared.parent.body && !ts.isParameterPropertyDeclaration(declared, declared.parent)) return;
  const at = place(file, source, node.getStart(source));
  const alone = ts.isVariableDeclaration(declared) && declared.parent.declarations?.length === 1;
  const whole = alone ? declared.parent.parent : declared;
  const first = Math.min(at.line, place(file, source, whole.getStart(source)).line);
  const end = place(file, source, whole.end).line;
  records.defs.push({ kind: "def", path: file, line: at.line, col: at.col, name: node.text, sym: symbolKind(declared), first, end });
  if (isOverloadable(declared) || ts.isAccessor(declared)) {
    const key = `${file}\0${declared.parent.pos}\0${node.text}`;
    if (!records.canons.has(key)) records.canons.set(key, []);
    records.canons.get(key).push([file, at.line]);
  }
  if (ts.isClassLike(declared)) {
    for (const member of declared.members.filter(ts.isConstructorDeclaration)) {
      const line = place(file, source, member.getStart(source)).line;
      records.canons.set(`${file}\0constructor\0${line}`, [[file, line], [file, at.line]]);
    }
  }
}

// Whether a name is what a call, `new` or a tagged template calls.
function isCalled(node) {
  let callee = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : node;
  while (ts.isParenthesizedExpression(callee.parent) || ts.isNonNullExpression(callee.parent)) callee = callee.parent;
  const parent = callee.parent;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return parent.expression === callee;
  return ts.isTaggedTemplateExpression(parent) && parent.tag === callee;
}

function callerOf(file, source, node) {
  for (let at = node.parent, child = node; at; child = at, at = at.parent) {
    if (!ts.isFunctionLike(at) || at.body !== child) continue;
    const name = functionName(at);
    if (name) return [file, place(file, source, name.getStart(source)).line];
  }
  return [file, 0];
}

function functionName(node) {
  if (ts.isConstructorDeclaration(node)) return node.parent.name ?? node.parent;
  if (node.name && !ts.isFunctionExpression(node)) return node.name;
  let outer = node;
  while (ts.isParenthesizedExpression(outer.parent) || ts.isAsExpression(outer.parent) || ts.isSatisfiesExpression(outer.parent) || ts.isTypeAssertionExpression(outer.parent)) {
    outer = outer.parent;
  }
  const holder = outer.parent;
  const holds = ts.isVariableDeclaration(holder) || ts.isPropertyDeclaration(holder) || ts.isPropertyAssignment(holder);
  if (holds && holder.initializer === outer) return holder.name;
  if (node.name) return node.name;
  return ts.isFunctionDeclaration(node) ? node : undefined; // export default function () {}
}

// A position as a 1-based line and a 0-based column in UTF-8 bytes.
function place(file, source, position) {
  if (!lineTables.has(file)) {
    const starts = [0];
    for (let i = 0; (i = source.text.indexOf("\n", i)) >= 0; ) starts.push(++i);
    lineTables.set(file, starts);
  }
  const starts = lineTables.get(file);
  let low = 0;
  for (let high = starts.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= position) low = middle;
    else high = middle;
  }
  return { line: low + 1, col: Buffer.byteLength(source.text.slice(starts[low], position)) };
}

function writeRecords() {
  const canons = [];
  for (const places of records.canons.values()) {
    const last = places[places.length - 1];
    for (const at of places) if (at[1] !== last[1]) canons.push({ kind: "canon", path: at[0], line: at[1], to: last });
  }
  const loc = covered.reduce((sum, file) => sum + readFileSync(path.join(root, file), "utf8").split("\n").length, 0);
  const meta = { kind: "meta", lang: "typescript", repo: path.basename(root), rev: git("rev-parse", "HEAD"), files: covered.length, loc, seconds, ...counts };
  const all = [meta, ...records.refs, ...records.defs, ...canons, ...records.calls];
  const text = all.map((record) => JSON.stringify(record)).join("\n") + "\n";
  writeFileSync(options.out, options.out.endsWith(".gz") ? gzipSync(text) : text);
  console.error(JSON.stringify(meta));
}
