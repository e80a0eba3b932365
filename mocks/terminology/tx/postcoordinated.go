package tx

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/postco"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/scg"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// maxExpressions bounds the expressions of one request; a multiple of 64, for they are numbered behind the concepts in sets.
const maxExpressions = 4096

// expressions is a SNOMED CT release together with the post-coordinated expressions that one request names. Each valid expression has
// a number behind those of the concepts; expressions with the same normal writing share one. It belongs to one request.
type expressions struct {
	*SCT
	ctx    context.Context
	base   int // the first number, where a new word of a set begins
	list   []*expression
	byCode map[string]int
	byForm map[string]int
	bad    map[string]error // why a code is no valid expression
}

// expression is a valid one.
type expression struct {
	*postco.Expression
	code string // as it was first written
}

// postcoordinated lets a request name expressions of a SNOMED CT release. A fragment's hierarchy proves nothing, so it has none.
func (q *request) postcoordinated(sys System) System {
	s, ok := sys.(*SCT)
	if !ok || q.RefuseExpressions || s.info.UnknownMayExist {
		return sys
	}
	x := &expressions{SCT: s, ctx: q.ctx, base: (s.Len() + 63) / 64 * 64, byCode: map[string]int{}, byForm: map[string]int{}, bad: map[string]error{}}
	// What is asked about must be known before value sets are evaluated.
	for _, name := range []string{"code", "codeA", "codeB"} {
		x.Find(q.p.String(name))
	}
	concept := q.p.Object("codeableConcept")
	list := append([]Object{q.p.Object("coding"), q.p.Object("codingA"), q.p.Object("codingB")}, objects(concept, "coding")...)
	for _, c := range list {
		if c != nil && str(c, "system") == snomedURL {
			x.Find(str(c, "code"))
		}
	}
	return x
}

// expressionsOf finds the expressions of a code system below its supplements.
func expressionsOf(s System) (*expressions, bool) {
	switch x := s.(type) {
	case *expressions:
		return x, true
	case *supplemented:
		return expressionsOf(x.System)
	}
	return nil, false
}

// at gives the expression of a number.
func (x *expressions) at(i int) (*expression, bool) {
	if n := i - x.base; n >= 0 && n < len(x.list) {
		return x.list[n], true
	}
	return nil, false
}

// Len implements System: numbers of expressions are below it, whether they are in use or not.
func (x *expressions) Len() int { return x.base + maxExpressions }

// Find implements System. An expression that is nothing but a concept is found as that concept.
func (x *expressions) Find(code string) (int, bool) {
	if i, ok := x.SCT.Find(code); ok {
		return i, true
	}
	if i, ok := x.byCode[code]; ok {
		return i, true
	}
	if !mayBeExpression(code) || x.bad[code] != nil {
		return 0, false
	}
	e, err := x.judge.Read(x.ctx, code)
	if err == nil && len(x.list) == maxExpressions {
		err = &postco.Invalid{Reason: fmt.Sprintf("the request names more than %d expressions", maxExpressions)}
	}
	if err != nil {
		x.bad[code] = err
		return 0, false
	}
	if c, ok := e.Text.Plain(); ok {
		return x.SCT.Find(snomed.ID(c.ID))
	}
	form := e.Text.String()
	i, ok := x.byForm[form]
	if !ok {
		i = x.base + len(x.list)
		x.list, x.byForm[form] = append(x.list, &expression{e, code}), i
	}
	x.byCode[code] = i
	return i, true
}

// mayBeExpression tells whether a code that is no concept could be an expression; an identifier alone is none.
func mayBeExpression(code string) bool {
	return strings.Trim(code, "0123456789") != ""
}

// looksLikeExpression tells whether a code was meant as an expression: it holds an identifier and more than that.
func looksLikeExpression(code string) bool {
	return mayBeExpression(code) && strings.ContainsAny(code, "0123456789")
}

// notJudged tells why expressions are not evaluated, and what to do.
func notJudged(sys System) string {
	if sys.Info().UnknownMayExist {
		return "Expressions are not evaluated over a fragment: import a release (sandbox import-rf2, -rf2)"
	}
	return "Expressions are not evaluated: set -tx-postcoordination=evaluate"
}

// whyNot tells why a code is no valid expression; "" when it is none at all, or expressions are not judged.
func whyNot(sys System, code string) string {
	x, ok := expressionsOf(sys)
	if !ok {
		return ""
	}
	switch err := x.bad[code]; {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "The request took too long to judge the expression"
	default:
		return "Not a valid expression: " + err.Error()
	}
}

// Code implements System.
func (x *expressions) Code(i int) string {
	if e, ok := x.at(i); ok {
		return e.code
	}
	if i >= x.base {
		return ""
	}
	return x.SCT.Code(i)
}

// Inactive implements System: expressions name active concepts only.
func (x *expressions) Inactive(i int) bool { return i < x.base && x.SCT.Inactive(i) }

// Status implements System.
func (x *expressions) Status(i int) string {
	if i >= x.base {
		return ""
	}
	return x.SCT.Status(i)
}

// Display implements System: the expression with the terms of its concepts.
func (x *expressions) Display(i int, l Languages) (string, string) {
	e, ok := x.at(i)
	if !ok {
		if i >= x.base {
			return "", ""
		}
		return x.SCT.Display(i, l)
	}
	refsets, _ := x.Refsets(l)
	lang := "en-US"
	if len(l.Tags) > 0 && l.Tags[0] != "*" {
		lang = l.Tags[0]
	}
	return e.Text.Write(x.terms(refsets)), lang
}

// terms gives the term of a concept by its identifier.
func (x *expressions) terms(refsets []uint64) func(uint64) string {
	return func(id uint64) string {
		c, ok := x.Edition.Concept(id)
		if !ok {
			return ""
		}
		term, _ := x.Edition.Display(c, refsets)
		return term
	}
}

// Designations implements System.
func (x *expressions) Designations(i int) []Designation {
	if i < x.base {
		return x.SCT.Designations(i)
	}
	term, lang := x.Display(i, Languages{})
	if term == "" {
		return nil
	}
	return []Designation{{Language: lang, Use: defaultUse(), Value: term}}
}

// Properties implements System: the nearest concepts above an expression, and its attributes.
func (x *expressions) Properties(i int) []Property {
	e, ok := x.at(i)
	if !ok {
		if i >= x.base {
			return nil
		}
		return x.SCT.Properties(i)
	}
	out := []Property{{Code: "inactive", Type: "Boolean", Value: false}, {Code: "sufficientlyDefined", Type: "Boolean", Value: !e.Text.Subtype}}
	for _, p := range x.Parents(i) {
		term, _ := x.SCT.Display(p, Languages{})
		out = append(out, Property{Code: "parent", Type: "Code", Value: x.SCT.Code(p), Description: term})
	}
	term := x.terms(nil)
	for _, g := range e.Facts() {
		for _, a := range g {
			p := Property{Code: snomed.ID(a.Name.ID), Type: "Code"}
			switch v := a.Value; {
			case v.Expression != nil:
				p.Value, p.Description = v.Expression.String(), v.Expression.Write(term)
				if c, ok := v.Expression.Plain(); ok {
					p.Description = term(c.ID)
				}
			case strings.HasPrefix(v.Literal, "#"):
				p.Type, p.Value = "Decimal", jsonNumber(v.Literal[1:])
			default:
				p.Type, p.Value = "String", strings.Trim(v.Literal, `"`)
			}
			out = append(out, p)
		}
	}
	return out
}

// attributesOf gives the role values of a concept; those of an expression are among its properties.
func attributesOf(sys System, sct *SCT, i int) []Property {
	if x, ok := expressionsOf(sys); ok && i >= x.base {
		return nil
	}
	return sct.Attributes(i)
}

// normalFormOf writes the necessary normal form of a concept or expression.
func normalFormOf(sys System, sct *SCT, i int, terse bool) string {
	x, ok := expressionsOf(sys)
	if !ok || i < x.base {
		return sct.NormalForm(uint32(i), terse)
	}
	e, found := x.at(i)
	if !found {
		return ""
	}
	form := scg.Expression{Groups: e.Facts()}
	for _, p := range x.Parents(i) {
		form.Focus = append(form.Focus, scg.Concept{ID: x.Edition.IDOf(uint32(p))})
	}
	status := "=== "
	if e.Text.Subtype {
		status = "<<< "
	}
	if terse {
		return status + form.Canonical().String()
	}
	return status + form.Canonical().Write(x.terms(nil))
}

// Parents implements System: for an expression the nearest concepts above it.
func (x *expressions) Parents(i int) []int {
	e, ok := x.at(i)
	if !ok {
		if i >= x.base {
			return nil
		}
		return x.SCT.Parents(i)
	}
	list, err := e.Parents(x.ctx)
	if err != nil {
		return nil
	}
	return ints(list)
}

// Children implements System; what lies below an expression is not worked out.
func (x *expressions) Children(i int) []int {
	if i >= x.base {
		return nil
	}
	return x.SCT.Children(i)
}

// meaning gives a concept or expression as an expression.
func (x *expressions) meaning(i int) (*postco.Expression, bool) {
	if e, ok := x.at(i); ok {
		return e.Expression, true
	}
	if i >= x.base {
		return nil, false
	}
	return x.judge.Concept(uint32(i)), true
}

// Subsumes implements System.
func (x *expressions) Subsumes(a, b int) bool {
	if a < x.base && b < x.base {
		return x.SCT.Subsumes(a, b)
	}
	general, ok1 := x.meaning(a)
	narrow, ok2 := x.meaning(b)
	return ok1 && ok2 && x.judge.Subsumes(general, narrow)
}

// Each implements System: the concepts in their order, then the expressions in that of the request.
func (x *expressions) Each(set Set, l Languages, f func(int) bool) {
	on := true
	x.SCT.Each(x.concepts(set), l, func(i int) bool {
		on = f(i)
		return on
	})
	for n := range x.list {
		if i := x.base + n; on && set.Has(uint32(i)) {
			on = f(i)
		}
	}
}

// concepts is the part of a set that holds concepts.
func (x *expressions) concepts(set Set) Set { return set[:min(len(set), x.base/64)] }

// Search implements System: an expression matches when its display does.
func (x *expressions) Search(query string, within Set, l Languages, skip, limit int) ([]int, int) {
	hits, total := x.SCT.Search(query, x.concepts(within), l, skip, limit)
	words := fold.Words(nil, fold.String(query))
	for n := range x.list {
		i := x.base + n
		if !within.Has(uint32(i)) || len(words) == 0 {
			continue
		}
		term, _ := x.Display(i, l)
		if !wordsCover(fold.Words(nil, fold.String(term)), words) {
			continue
		}
		if total >= skip && (limit < 0 || len(hits) < limit) {
			hits = append(hits, i)
		}
		total++
	}
	return hits, total
}
