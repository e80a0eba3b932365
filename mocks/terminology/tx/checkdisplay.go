package tx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// show is the display in the languages asked for.
func (v *validation) show(sys System, i int) (string, string) {
	term, lang := sys.Display(i, v.langs)
	if term == "" {
		return sys.Display(i, Languages{})
	}
	return term, lang
}

// term is one way to name a concept.
type term struct {
	text, lang string
	wanted     bool // in a language asked for
	display    bool // may stand as display
	full       bool // a fully specified name
}

type terms []term

// terms lists how the code system and the value set name a concept; what is no longer used is left out.
func (v *validation) terms(d *verdict, sys System, i int) terms {
	var all terms
	add := func(text, lang string, display, full bool) {
		if text == "" {
			return
		}
		if n := slices.IndexFunc(all, func(o term) bool { return o.text == text && o.lang == lang }); n >= 0 {
			all[n].display = all[n].display || display
			return
		}
		wanted := v.langs.Empty() || lang == "" || v.langs.Wants(lang) || slices.Contains(v.langs.Tags, "*")
		all = append(all, term{text, lang, wanted, display, full})
	}
	designated := func(x Designation) {
		if x.Inactive || x.Status != "" || x.hasUse(snomed.Definition) {
			return
		}
		add(x.Value, x.Language, x.isDisplay(), x.hasUse(snomed.FSN))
	}
	text, lang := sys.Display(i, Languages{})
	add(text, lang, true, false)
	for _, x := range sys.Designations(i) {
		designated(x)
	}
	if v.vs == nil {
		return all
	}
	for _, in := range v.vs.Include {
		for _, r := range in.Concepts {
			if in.System != d.coding.System || r.Code != d.coding.Code {
				continue
			}
			add(r.Display, v.vs.Language, true, false)
			for _, x := range r.Designations {
				designated(x)
			}
		}
	}
	return all
}

// holds tells whether a text is one of the terms in the languages asked for.
func (t terms) holds(text string) bool {
	return slices.ContainsFunc(t, func(x term) bool { return x.wanted && strings.EqualFold(x.text, text) })
}

// choices are the terms to propose instead of a wrong display, in the languages asked for: those that may stand as display, if any.
func (t terms) choices() []term {
	list := slices.DeleteFunc(slices.Clone(t), func(x term) bool { return !x.wanted })
	if slices.ContainsFunc(list, func(x term) bool { return x.display }) {
		list = slices.DeleteFunc(list, func(x term) bool { return !x.display })
	}
	return list
}

// checkDisplay compares the display that came with the terms of the concept.
func (v *validation) checkDisplay(n int, d *verdict) {
	given := d.coding.Display
	if given == "" || !d.found {
		return
	}
	term, _ := d.sys.Display(d.i, Languages{})
	all := v.terms(d, d.sys, d.i)
	if len(all) == 0 || all.holds(given) {
		return
	}
	same := strings.EqualFold
	fitting := all.choices()
	spaced := false
	for _, o := range fitting {
		spaced = spaced || same(fold.Spaces(o.text), fold.Spaces(given))
	}
	severity := "error"
	if v.lenient {
		severity = "warning"
	}
	if !spaced && v.retiredDisplay(n, d, all, severity) {
		return
	}
	for _, x := range d.sys.Designations(d.i) {
		if x.Status != "" && same(x.Value, given) {
			v.issue(Issue{Severity: severity, Code: "invalid", Type: "display-comment", Expression: v.path(n, "display"), ID: "INACTIVE_DISPLAY_FOUND",
				Text: fmt.Sprintf("'%s' is no longer considered a correct display for code '%s' (status = %s). The correct display is '%s'", given, d.sys.Code(d.i), x.Status, term)})
			d.ok = d.ok && v.lenient
			return
		}
	}
	i := Issue{Severity: severity, Code: "invalid", Type: "invalid-display", Expression: v.path(n, "display"), ID: "Display_Name_for__should_be_one_of__instead_of"}
	what := "Wrong Display Name"
	if spaced {
		what = "Wrong whitespace in Display Name"
	}
	concept := fmt.Sprintf("%s#%s", d.coding.System, d.sys.Code(d.i))
	languages := "--"
	if v.langGiven != "" {
		languages = v.langs.Raw
	}
	matchesOther := false
	for _, o := range all {
		matchesOther = matchesOther || same(o.text, given)
	}
	switch {
	case len(fitting) == 0 && matchesOther:
		// Terms exist, but none in the language asked for: what was given is right in another one.
		i.Severity, i.ID, i.Telling = "information", "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK", always
		i.Text = fmt.Sprintf("There are no valid display names found for the code %s for language(s) '%s'. The display is '%s' which is a valid display for the default language", concept, languages, given)
	case len(fitting) == 0:
		i.Text = fmt.Sprintf("Wrong Display Name '%s' for %s. There are no valid display names found for language(s) '%s'. Default display is '%s'", given, concept, languages, term)
		i.ID = "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR"
	case len(fitting) == 1:
		i.Text = fmt.Sprintf("%s '%s' for %s. Valid display is %s (for the language(s) '%s')", what, given, concept, quoted(fitting[0].text, fitting[0].lang), languages)
	default:
		var list []string
		for _, o := range fitting {
			list = append(list, quoted(o.text, o.lang))
		}
		i.Text = fmt.Sprintf("%s '%s' for %s. Valid display is one of %d choices: %s (for the language(s) '%s')", what, given, concept, len(list), strings.Join(list, " or "), languages)
	}
	if i.Severity == "error" {
		d.ok = false
	}
	v.issue(i)
}

func quoted(text, lang string) string {
	if lang == "" {
		return fmt.Sprintf("'%s'", text)
	}
	return fmt.Sprintf("'%s' (%s)", text, lang)
}
