package terminology

import (
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// shadowing words what becomes of the built-in resources of o's canonical now that the tenant wrote o; empty when there are none.
// The engine takes the highest version when none is asked for, and of equal versions the tenant's. own are all resources of the tenant.
func shadowing(typ string, o tx.Object, own, builtins []tx.Object) string {
	u := text(o["url"])
	same := func(list []tx.Object) []tx.Object {
		return slices.DeleteFunc(slices.Clone(list), func(x tx.Object) bool { return u == "" || text(x["url"]) != u })
	}
	own, builtins = same(own), same(builtins)
	if len(builtins) == 0 {
		return ""
	}
	if strings.Contains(u, "?fhir_cm") { // the reference set answers, whatever resources there are
		return "the built-in " + u + " still answers $translate that names it; only read, search and $translate that names no map use the resource"
	}
	var written string // the highest version of the tenant
	found := false
	for _, x := range own {
		if v := text(x["version"]); text(x["content"]) != "supplement" && (!found || tx.CompareVersions(v, written) > 0) {
			written, found = v, true
		}
	}
	var visible, hidden []string // versions of the built-in ones
	wins := false                // one of them answers when no version is asked for
	for _, b := range builtins {
		v := text(b["version"])
		higher := !found || tx.CompareVersions(v, written) > 0
		switch {
		case slices.ContainsFunc(own, func(x tx.Object) bool { return text(x["version"]) == v }):
			hidden = append(hidden, v)
			continue
		case v != "" || higher:
			visible = append(visible, v)
		}
		wins = wins || higher
	}
	names := strings.Join(visible, ", ")
	switch {
	case len(visible) == 0:
		return "the resource hides the built-in " + u
	case u == "http://snomed.info/sct": // editions are no versions of each other
		return also(hidden) + "the built-in " + u + " still answers as version " + names + "; which release answers when no version is asked for follows tx-default-edition"
	case wins:
		return also(hidden) + "the built-in " + u + " still answers as version " + names + ", also when no version is asked for: write a higher version, or that one, to hide it"
	}
	return also(hidden) + "the resource hides the built-in " + u + " when no version is asked for; as version " + names + " it still answers"
}

func also(hidden []string) string {
	if len(hidden) == 0 {
		return ""
	}
	return "the built-in version " + strings.Join(hidden, ", ") + " is hidden; "
}
