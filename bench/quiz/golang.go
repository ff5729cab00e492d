// What go/parser says of functions, to hold questions about them against: `go run golang.go`.
//
// Reads the names of files, one a line, and writes for each a line of JSON: its functions, or null
// for one that it can't parse. Lines count from 0.
package main

import (
	"bufio"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
)

var named = regexp.MustCompile(`^(Err[A-Z0-9]\w*|EOF|[A-Z]\w*Error)$`)

type function struct {
	Line      int            `json:"line"`
	Name      string         `json:"name"`
	Container string         `json:"container"`
	Method    bool           `json:"method"`
	This      string         `json:"this"`
	Calls     []string       `json:"calls"`
	Raises    []string       `json:"raises"`
	Branches  map[int][]bool `json:"branches"`
}

type reading struct {
	files *token.FileSet
	lines []string
}

func (r reading) line(at token.Pos) int { return r.files.Position(at).Line - 1 }

func written(node ast.Expr) string {
	switch node := node.(type) {
	case *ast.Ident:
		return node.Name
	case *ast.SelectorExpr:
		if start := written(node.X); start != "" {
			return start + "." + node.Sel.Name
		}
	}
	return ""
}

// own calls a function for each part of a body that is not in a function literal.
func own(body ast.Node, take func(ast.Node)) {
	ast.Inspect(body, func(node ast.Node) bool {
		if _, literal := node.(*ast.FuncLit); literal {
			return false
		}
		if node != nil {
			take(node)
		}
		return true
	})
}

func raised(node ast.Expr) string {
	if address, ok := node.(*ast.UnaryExpr); ok && address.Op == token.AND {
		node = address.X
	}
	if made, ok := node.(*ast.CompositeLit); ok && made.Type != nil {
		node = made.Type
	}
	name := written(node)
	if named.MatchString(name[strings.LastIndex(name, ".")+1:]) {
		return name
	}
	return ""
}

func isNil(node ast.Expr) bool {
	name, ok := node.(*ast.Ident)
	return ok && name.Name == "nil"
}

// branches finds by the line of the innermost branch whether its returns are of nil alone.
func (r reading) branches(body *ast.BlockStmt, line int, results bool, found map[int][]bool) {
	var visit func(node ast.Node, branch int)
	each := func(node ast.Node, branch int) {
		ast.Inspect(node, func(part ast.Node) bool {
			if part == nil || part == node {
				return true
			}
			visit(part, branch)
			return false
		})
	}
	visit = func(node ast.Node, branch int) {
		switch node := node.(type) {
		case *ast.FuncLit:
			return
		case *ast.ReturnStmt:
			all := len(node.Results) > 0 || !results
			for _, value := range node.Results {
				all = all && isNil(value)
			}
			found[branch] = append(found[branch], all)
		case *ast.IfStmt:
			here := r.line(node.Pos())
			each(node.Body, here)
			switch other := node.Else.(type) {
			case *ast.BlockStmt:
				at := r.line(other.Pos())
				for at > 0 && !strings.Contains(r.lines[at], "else") {
					at--
				}
				each(other, at)
			case *ast.IfStmt:
				visit(other, here)
			}
			return
		case *ast.ForStmt, *ast.RangeStmt, *ast.CaseClause, *ast.CommClause:
			branch = r.line(node.Pos())
		}
		each(node, branch)
	}
	each(body, line)
}

func (r reading) function(node *ast.FuncDecl) function {
	made := function{Line: r.line(node.Pos()), Name: node.Name.Name, Branches: map[int][]bool{}}
	if node.Recv != nil && len(node.Recv.List) == 1 {
		made.Method = true
		receiver := node.Recv.List[0]
		if len(receiver.Names) == 1 {
			made.This = receiver.Names[0].Name
		}
		ast.Inspect(receiver.Type, func(part ast.Node) bool {
			if name, ok := part.(*ast.Ident); ok && made.Container == "" {
				made.Container = name.Name
			}
			return true
		})
	}
	own(node.Body, func(part ast.Node) {
		switch part := part.(type) {
		case *ast.CallExpr:
			if name := written(part.Fun); name != "" {
				made.Calls = append(made.Calls, name)
			}
		case *ast.ReturnStmt:
			for _, value := range part.Results {
				if name := raised(value); name != "" {
					made.Raises = append(made.Raises, name)
				}
			}
		}
	})
	r.branches(node.Body, made.Line, node.Type.Results != nil, made.Branches)
	return made
}

func read(path string) []function {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	r := reading{token.NewFileSet(), strings.Split(string(content), "\n")}
	file, err := parser.ParseFile(r.files, path, content, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	found := []function{}
	for _, each := range file.Decls {
		if node, ok := each.(*ast.FuncDecl); ok && node.Body != nil {
			found = append(found, r.function(node))
		}
	}
	return found
}

func main() {
	said := json.NewEncoder(os.Stdout)
	for names := bufio.NewScanner(os.Stdin); names.Scan(); {
		if err := said.Encode(read(names.Text())); err != nil {
			os.Exit(1)
		}
	}
}
