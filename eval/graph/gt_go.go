// Ground truth of a Go project's symbol graph, from go/types: what every identifier means.
//
//	go run gt_go.go REPO_DIR OUT.jsonl[.gz] [--with IMPORT_PATH=DIR]...
//
// It needs the Go toolchain and nothing else. Packages of the standard library are checked from
// the toolchain's sources; those of other modules from the folders given by --with. Packages that
// cannot be found make the identifiers that depend on them "unres", which are never judged.
//
// Files that git tracks and that take part in a build on this host are covered, tests included.
// Lines are 1-based, columns 0-based bytes. Records:
//
//	{"kind":"meta",...}
//	{"kind":"ref","path","line","col","name","scope","defs":[[path,line,sym]..],"call":0|1}
//	        scope: repo local ext; a package's name has every file of the package, and the import, as its places
//	{"kind":"unres","path","line","col","name","call","caller":[path,line]}
//	{"kind":"def","path","line","col","name","sym","first","end"}
//	        sym: function method type interface field const variable param local
//	{"kind":"call","caller":[path,line],"callee":[path,line],"at":[line,col]}
//	        caller line 0: outside any function; a function literal belongs to the declared function around it
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// unit is a set of files that are checked together: a package, a package with its own tests, or
// the tests outside it.
type unit struct {
	path    string
	files   []*ast.File
	record  map[*ast.File]bool // the files whose identifiers are taken from this unit
	imports map[string]*types.Package
}

// place is where an object is declared.
type place struct {
	path string
	line int
	sym  string
}

// MarshalJSON writes the place as [path, line, sym].
func (p place) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{p.path, p.line, p.sym})
}

// project is a checkout and everything learned from it.
type project struct {
	root     string
	fset     *token.FileSet
	tracked  map[string]bool
	modules  map[string]string // module path -> absolute folder, those of --with included
	std      types.Importer
	checked  map[string]*types.Package
	checking map[string]bool
	parsed   map[string]*ast.File // absolute path -> file
	context  build.Context
	out      *json.Encoder
	later    []any // definitions and calls follow the references
	stats    struct{ tokens, resolved, unresolved, files, lines int }
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: gt_go REPO_DIR OUT.jsonl[.gz] [--with IMPORT_PATH=DIR]...")
	}
	start := time.Now()
	root, err := filepath.EvalSymlinks(must(filepath.Abs(os.Args[1])))
	check(err)
	p := newProject(root, os.Args[3:])
	var records strings.Builder
	p.out = json.NewEncoder(&records)
	p.out.SetEscapeHTML(false)
	p.run()
	for _, record := range p.later {
		check(p.out.Encode(record))
	}
	seconds := float64(int(time.Since(start).Seconds()*10)) / 10
	meta := map[string]any{
		"kind": "meta", "lang": "go", "repo": filepath.Base(root), "rev": git(root, "rev-parse", "HEAD"),
		"files": p.stats.files, "loc": p.stats.lines, "seconds": seconds, "tokens": p.stats.tokens,
		"resolved": p.stats.resolved, "unresolved": p.stats.unresolved,
	}
	write(os.Args[2], meta, records.String())
	check(json.NewEncoder(os.Stderr).Encode(meta))
}

func newProject(root string, arguments []string) *project {
	build.Default.CgoEnabled = false
	p := &project{
		root: root, fset: token.NewFileSet(), tracked: map[string]bool{}, modules: map[string]string{},
		checked: map[string]*types.Package{}, checking: map[string]bool{}, parsed: map[string]*ast.File{},
		context: build.Default,
	}
	p.std = importer.ForCompiler(p.fset, "source", nil)
	for _, file := range strings.Split(git(root, "ls-files", "*.go", "go.mod", "*/go.mod"), "\n") {
		if strings.Contains("/"+file, "/testdata/") || strings.Contains("/"+file, "/vendor/") {
			continue
		}
		absolute := filepath.Join(root, file)
		if path.Base(file) == "go.mod" {
			if name := moduleName(absolute); name != "" {
				p.modules[name] = filepath.Dir(absolute)
			}
			continue
		}
		if _, err := os.Stat(absolute); err == nil && file != "" {
			p.tracked[absolute] = true
		}
	}
	for i := 0; i+1 < len(arguments); i += 2 {
		name, dir, found := strings.Cut(arguments[i+1], "=")
		if arguments[i] != "--with" || !found {
			log.Fatalf("not understood: %s", arguments[i])
		}
		p.modules[name] = must(filepath.Abs(dir))
	}
	return p
}

// run checks every folder that has tracked files.
func (p *project) run() {
	folders := map[string]bool{}
	for file := range p.tracked {
		folders[filepath.Dir(file)] = true
	}
	for _, dir := range sortedKeys(folders) {
		for _, u := range p.units(dir) {
			info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
			p.check(u, info)
			for _, file := range u.files {
				if u.record[file] {
					p.walk(file, info)
				}
			}
		}
	}
}

// units groups a folder's files by package, its own tests and outside tests.
func (p *project) units(dir string) []*unit {
	var units []*unit
	plain, own, outside := map[string][]*ast.File{}, map[string][]*ast.File{}, map[string][]*ast.File{}
	names := map[string]bool{}
	for _, file := range p.parseDir(dir, true) {
		name := file.Name.Name
		test := strings.HasSuffix(p.fset.File(file.Package).Name(), "_test.go")
		switch {
		case test && strings.HasSuffix(name, "_test"):
			name = strings.TrimSuffix(name, "_test")
			outside[name] = append(outside[name], file)
		case test:
			own[name] = append(own[name], file)
		default:
			plain[name] = append(plain[name], file)
		}
		names[name] = true
	}
	importPath := p.importPath(dir)
	for _, name := range sortedKeys(names) {
		// The test files are checked together with the rest, whose identifiers mean the same
		// there, so one unit is enough for both.
		all := append(append([]*ast.File{}, plain[name]...), own[name]...)
		inner := &unit{path: importPath, files: all, record: set(all)}
		if len(all) > 0 {
			units = append(units, inner)
		}
		if len(outside[name]) > 0 {
			outer := &unit{path: importPath + "_test", files: outside[name], record: set(outside[name])}
			if len(all) > 0 {
				config := p.config(nil)
				inside, _ := config.Check(importPath, p.fset, all, nil)
				outer.imports = map[string]*types.Package{importPath: inside}
			}
			units = append(units, outer)
		}
	}
	return units
}

// parseDir parses the files of a folder that a build on this host reads.
func (p *project) parseDir(dir string, tests bool) []*ast.File {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	inside := dir == p.root || strings.HasPrefix(dir, p.root+"/")
	var files []*ast.File
	for _, entry := range entries {
		name := filepath.Join(dir, entry.Name())
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || inside && !p.tracked[name] {
			continue
		}
		if !tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		if match, err := p.context.MatchFile(dir, entry.Name()); err != nil || !match {
			continue
		}
		if p.parsed[name] == nil {
			file, _ := parser.ParseFile(p.fset, name, nil, parser.SkipObjectResolution)
			if file == nil {
				continue
			}
			p.parsed[name] = file
		}
		files = append(files, p.parsed[name])
	}
	return files
}

func (p *project) check(u *unit, info *types.Info) {
	config := p.config(u.imports)
	// Errors are expected where a dependency is missing; what could be resolved is in info.
	config.Check(u.path, p.fset, u.files, info)
}

func (p *project) config(first map[string]*types.Package) *types.Config {
	return &types.Config{
		FakeImportC: true,
		Error:       func(error) {},
		Importer: importerFunc(func(name string) (*types.Package, error) {
			if pkg := first[name]; pkg != nil {
				return pkg, nil
			}
			return p.importPackage(name)
		}),
	}
}

// importPackage checks a package of the project or of a module that was named, or asks the
// toolchain.
func (p *project) importPackage(name string) (*types.Package, error) {
	if pkg := p.checked[name]; pkg != nil {
		return pkg, nil
	}
	dir := p.dirOf(name)
	if dir == "" {
		if strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
			return nil, fmt.Errorf("not at hand: %s", name)
		}
		return p.std.Import(name)
	}
	if p.checking[name] {
		return nil, fmt.Errorf("import cycle: %s", name)
	}
	p.checking[name] = true
	defer delete(p.checking, name)
	byName := map[string][]*ast.File{}
	for _, file := range p.parseDir(dir, false) {
		byName[file.Name.Name] = append(byName[file.Name.Name], file)
	}
	var files []*ast.File
	for _, group := range byName {
		if len(group) > len(files) {
			files = group
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no files: %s", name)
	}
	pkg, _ := p.config(nil).Check(name, p.fset, files, nil)
	p.checked[name] = pkg
	return pkg, nil
}

// dirOf finds the folder of a package in the innermost module that has it.
func (p *project) dirOf(name string) string {
	for prefix := name; prefix != "." && prefix != "/"; prefix = path.Dir(prefix) {
		if dir, found := p.modules[prefix]; found {
			dir = filepath.Join(dir, strings.TrimPrefix(name, prefix))
			if _, err := os.Stat(dir); err == nil {
				return dir
			}
		}
	}
	return ""
}

func (p *project) importPath(dir string) string {
	for at := dir; strings.HasPrefix(at, p.root); at = filepath.Dir(at) {
		for name, folder := range p.modules {
			if folder == at {
				return path.Join(name, strings.TrimPrefix(dir, at))
			}
		}
	}
	return "command-line-arguments/" + strings.TrimPrefix(dir, p.root)
}

// walk writes the records of one file.
func (p *project) walk(file *ast.File, info *types.Info) {
	p.stats.files++
	p.stats.lines += p.fset.File(file.Package).LineCount()
	declared := declarations(file)
	called := calledNames(file)
	embedded := embeddedNames(file)
	var function *ast.FuncDecl
	ast.Inspect(file, func(node ast.Node) bool {
		if decl, ok := node.(*ast.FuncDecl); ok {
			function = decl
		} else if _, ok := node.(ast.Decl); ok && function != nil && node.Pos() > function.End() {
			function = nil
		}
		name, ok := node.(*ast.Ident)
		if !ok || name.Name == "_" || name == file.Name {
			return true
		}
		p.stats.tokens++
		caller := p.caller(name, function)
		object := info.Uses[name]
		if definition := info.Defs[name]; definition != nil && !embedded[name] {
			p.stats.resolved++
			p.define(name, definition, declared[name])
			return true
		}
		position := p.position(name.Pos())
		if object == nil {
			if definition, found := info.Defs[name]; found && definition == nil {
				p.stats.resolved++ // the variable of a type switch: one object for each case
				p.defineAs(name, "local", nil)
				return true
			}
			p.stats.unresolved++
			p.emit(map[string]any{"kind": "unres", "path": p.relative(position.Filename), "line": position.Line,
				"col": position.Column - 1, "name": name.Name, "call": bit(called[name]), "caller": caller})
			return true
		}
		p.stats.resolved++
		p.refer(name, object, called[name], caller)
		return true
	})
}

func (p *project) caller(name *ast.Ident, function *ast.FuncDecl) []any {
	file := p.relative(p.position(name.Pos()).Filename)
	if function == nil || name.Pos() > function.End() {
		return []any{file, 0}
	}
	return []any{file, p.position(function.Name.Pos()).Line}
}

// refer writes a reference, and the call if it is one.
func (p *project) refer(name *ast.Ident, object types.Object, call bool, caller []any) {
	position := p.position(name.Pos())
	places := p.places(object, position.Filename)
	scope := "repo"
	if len(places) == 0 {
		scope = "ext"
		places = []place{}
	} else if sym := places[0].sym; sym == "local" || sym == "param" {
		scope = "local"
	}
	file := p.relative(position.Filename)
	p.emit(map[string]any{"kind": "ref", "path": file, "line": position.Line, "col": position.Column - 1,
		"name": name.Name, "scope": scope, "defs": places, "call": bit(call)})
	if !call {
		return
	}
	for _, at := range places {
		if at.sym == "function" || at.sym == "method" {
			p.later = append(p.later, map[string]any{"kind": "call", "caller": caller,
				"callee": []any{at.path, at.line}, "at": []any{position.Line, position.Column - 1}})
		}
	}
}

// places says where an object of the project is declared; nothing for any other.
func (p *project) places(object types.Object, from string) []place {
	if pkg, ok := object.(*types.PkgName); ok {
		return p.packagePlaces(pkg, from)
	}
	if !object.Pos().IsValid() {
		return nil
	}
	position := p.position(object.Pos())
	if !p.tracked[position.Filename] {
		return nil
	}
	return []place{{p.relative(position.Filename), position.Line, symbolKind(object)}}
}

func (p *project) packagePlaces(pkg *types.PkgName, from string) []place {
	dir := p.dirOf(pkg.Imported().Path())
	if dir == "" {
		return nil
	}
	var places []place
	for _, file := range p.parseDir(dir, false) {
		position := p.position(file.Package)
		if p.tracked[position.Filename] {
			places = append(places, place{p.relative(position.Filename), position.Line, "module"})
		}
	}
	if len(places) > 0 {
		places = append(places, place{p.relative(from), p.position(pkg.Pos()).Line, "module"})
	}
	return places
}

func (p *project) define(name *ast.Ident, object types.Object, whole ast.Node) {
	if _, ok := object.(*types.PkgName); ok {
		return
	}
	p.defineAs(name, symbolKind(object), whole)
}

func (p *project) defineAs(name *ast.Ident, sym string, whole ast.Node) {
	position := p.position(name.Pos())
	first, end := position.Line, position.Line
	if whole != nil {
		first, end = p.position(whole.Pos()).Line, p.position(whole.End()).Line
	}
	p.later = append(p.later, map[string]any{"kind": "def", "path": p.relative(position.Filename), "line": position.Line,
		"col": position.Column - 1, "name": name.Name, "sym": sym, "first": first, "end": end})
}

// symbolKind names what an object is, in the words of the records.
func symbolKind(object types.Object) string {
	local := object.Parent() != nil && object.Pkg() != nil && object.Parent() != object.Pkg().Scope()
	switch object := object.(type) {
	case *types.Func:
		if object.Signature().Recv() != nil {
			return "method"
		}
		return "function"
	case *types.Var:
		if object.IsField() {
			return "field"
		}
		if object.Kind() == types.ParamVar || object.Kind() == types.ResultVar || object.Kind() == types.RecvVar {
			return "param"
		}
		if local || object.Parent() == nil {
			return "local"
		}
		return "variable"
	case *types.TypeName:
		if _, ok := object.Type().(*types.TypeParam); ok || local {
			return "local"
		}
		if types.IsInterface(object.Type()) {
			return "interface"
		}
		return "type"
	case *types.Const:
		if local {
			return "local"
		}
		return "const"
	default:
		return "local"
	}
}

// declarations maps the names of functions, methods and types to their whole declarations.
func declarations(file *ast.File) map[*ast.Ident]ast.Node {
	declared := map[*ast.Ident]ast.Node{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			declared[node.Name] = extent{node.Type.Func, node.End()}
		case *ast.TypeSpec:
			declared[node.Name] = extent{node.Name.Pos(), node.End()}
		}
		return true
	})
	return declared
}

// extent is a declaration without the comment above it.
type extent struct{ from, to token.Pos }

// Pos is where the declaration begins.
func (e extent) Pos() token.Pos { return e.from }

// End is where it ends.
func (e extent) End() token.Pos { return e.to }

// calledNames finds the names that stand directly before a call's arguments.
func calledNames(file *ast.File) map[*ast.Ident]bool {
	called := map[*ast.Ident]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		target := call.Fun
		switch indexed := target.(type) {
		case *ast.IndexExpr:
			target = indexed.X
		case *ast.IndexListExpr:
			target = indexed.X
		}
		switch target := target.(type) {
		case *ast.Ident:
			called[target] = true
		case *ast.SelectorExpr:
			called[target.Sel] = true
		}
		return true
	})
	return called
}

// embeddedNames finds the types embedded in structs: each is a use of the type as well as the
// declaration of a field, and the use is what a reader follows.
func embeddedNames(file *ast.File) map[*ast.Ident]bool {
	embedded := map[*ast.Ident]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		structure, ok := node.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range structure.Fields.List {
			if len(field.Names) == 0 {
				ast.Inspect(field.Type, func(inner ast.Node) bool {
					if name, ok := inner.(*ast.Ident); ok {
						embedded[name] = true
					}
					return true
				})
			}
		}
		return true
	})
	return embedded
}

// position leaves out line directives: truth is about the files as they are.
func (p *project) position(at token.Pos) token.Position { return p.fset.PositionFor(at, false) }

func (p *project) relative(file string) string { return strings.TrimPrefix(file, p.root+"/") }

func (p *project) emit(record any) { check(p.out.Encode(record)) }

type importerFunc func(string) (*types.Package, error)

// Import calls the function.
func (f importerFunc) Import(name string) (*types.Package, error) { return f(name) }

func moduleName(file string) string {
	text, err := os.ReadFile(file)
	check(err)
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "module" {
			return strings.Trim(fields[1], `"`)
		}
	}
	return ""
}

func write(file string, meta any, records string) {
	handle, err := os.Create(file)
	check(err)
	var sink io.Writer = handle
	if strings.HasSuffix(file, ".gz") {
		packed := gzip.NewWriter(handle)
		defer packed.Close()
		sink = packed
	}
	buffered := bufio.NewWriter(sink)
	check(json.NewEncoder(buffered).Encode(meta))
	must(buffered.WriteString(records))
	check(buffered.Flush())
}

func git(root string, arguments ...string) string {
	out, err := exec.Command("git", append([]string{"-C", root}, arguments...)...).Output()
	check(err)
	return strings.TrimSpace(string(out))
}

func set(files []*ast.File) map[*ast.File]bool {
	members := map[*ast.File]bool{}
	for _, file := range files {
		members[file] = true
	}
	return members
}

func sortedKeys(from map[string]bool) []string {
	keys := make([]string, 0, len(from))
	for key := range from {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func bit(value bool) int {
	if value {
		return 1
	}
	return 0
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
