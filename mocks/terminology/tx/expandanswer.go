package tx

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

func (x *expansion) tooMany(total int) *Problem {
	limit, hasLimit, p := x.p.Int("limit")
	if p != nil {
		return p
	}
	most := x.MaxExpansion
	if hasLimit {
		most = min(most, limit)
	}
	if !hasLimit && x.count >= 0 || total <= most || x.vs.Implicit && !hasLimit {
		return nil
	}
	return &Problem{Status: http.StatusUnprocessableEntity, Issues: []Issue{{Severity: "error", Code: "too-costly", Type: "too-costly", ID: "VALUESET_TOO_COSTLY",
		Text: fmt.Sprintf("The value set '%s' expansion has too many codes to produce (>%d)", x.vs.Canonical(), most)}}}
}

// write puts the ValueSet together.
func (x *expansion) write(contains []any, total int) Object {
	v := x.vs
	o := Object{"resourceType": "ValueSet"}
	for _, k := range []string{"language", "url", "version", "identifier", "name", "title", "status", "experimental", "date", "publisher", "copyright"} {
		if val, ok := v.Raw[k]; ok {
			o[k] = val
		}
	}
	if definition, _, _ := x.p.Bool("includeDefinition"); definition {
		for _, k := range []string{"compose", "extension"} {
			if val, ok := v.Raw[k]; ok {
				o[k] = val
			}
		}
	}
	for _, p := range x.steered {
		x.params.add(p.Name, "Uri", p.Value)
	}
	x.usage()
	if x.ev.matched {
		x.params.add("versionsMatch", "Boolean", true)
	}
	e := Object{"identifier": "urn:uuid:" + x.UUID(), "timestamp": x.Now().UTC().Format(time.RFC3339), "total": total}
	if x.paged {
		e["offset"] = x.offset
	}
	if len(x.params) > 0 {
		e["parameter"] = []any(x.params)
	}
	if len(contains) > 0 {
		e["contains"] = contains
	}
	var ext []any
	for _, d := range x.defs {
		sub := []any{Object{"url": "code", "valueCode": d.code}}
		if d.uri != "" {
			sub = append(sub, Object{"url": "uri", "valueUri": d.uri})
		}
		ext = append(ext, Object{"url": extProperty, "extension": sub})
	}
	if x.ev.open && !x.noExpressions || len(x.ev.fragments) > 0 {
		ext = append(ext, Object{"url": extUnclosed, "valueBoolean": true})
	}
	for _, u := range x.ev.fragments {
		ext = append(ext, Object{"url": extUnclosedReason, "valueString": "This extension is based on a fragment of the code system " + u})
	}
	if len(ext) > 0 {
		e["extension"] = ext
	}
	o["expansion"] = e
	return o
}

// usage adds the parameters that tell what the expansion stands on.
func (x *expansion) usage() {
	// Snowstorm's clients read "version"; HL7's tooling no longer allows it.
	old := x.VersionParameter == "always" || x.VersionParameter != "never" && x.vs.Implicit
	version := func(c string) {
		if old {
			x.params.add("version", "Uri", c)
		}
	}
	both := func(c string) {
		x.params.add("used-codesystem", "Uri", c)
		version(c)
	}
	for _, i := range x.ev.systems {
		both(i.Canonical())
		x.warn(i.Status, i.Standards, i.Experimental, x.vs.Experimental, i.Canonical())
		if i.Content == "fragment" {
			x.params.add("used-fragment", "Uri", i.Canonical())
		}
	}
	for _, s := range x.usedSupp {
		x.params.add("used-supplement", "Uri", s)
		version(s)
	}
	for _, v := range x.ev.sets {
		x.params.add("used-valueset", "Uri", v.Canonical())
		version(v.Canonical())
		x.warn(v.Status, v.Standards, v.Experimental, x.vs.Experimental, v.Canonical())
	}
	if !slices.ContainsFunc(x.ev.sets, func(v *ValueSet) bool { return v == x.vs }) {
		status := x.vs.Status
		if status == "draft" {
			status = "" // whoever expands a draft knows it
		}
		x.warn(status, x.vs.Standards, x.vs.Experimental, true, x.vs.Canonical())
	}
}

// warn notes that an artefact is not in normal use.
func (x *expansion) warn(status, standards string, experimental, ownerExperimental bool, c string) {
	if w := warning(status, standards, experimental, ownerExperimental); w != "" {
		x.params.add("warning-"+w, "Uri", c)
	}
}

// warning names the way in which an artefact is not in normal use.
func warning(status, standards string, experimental, ownerExperimental bool) string {
	switch {
	case standards == "deprecated" || standards == "withdrawn":
		return standards
	case status == "retired":
		return "retired"
	case experimental && !ownerExperimental:
		return "experimental"
	case status == "draft" || standards == "draft":
		return "draft"
	}
	return ""
}
