package terminology

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// checkSearch refuses what would otherwise silently find nothing: modifiers that are not offered, and dates that are none.
func checkSearch(q url.Values) error {
	for name, values := range q {
		param, modifier, has := strings.Cut(name, ":")
		if offered := modifiers(param); has && !slices.Contains(offered, modifier) {
			return &respond.Refusal{Status: http.StatusBadRequest, Code: "not-supported", Message: fmt.Sprintf("the modifier :%s of %s is not supported", modifier, param),
				Rule: "tx-search-modifier", Got: name, Want: ":" + strings.Join(offered, ", :")}
		}
		for _, v := range values {
			switch {
			case modifier == "missing":
				if v != "true" && v != "false" {
					return &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: name + " must be true or false", Rule: "tx-search", Got: v, Want: "true or false"}
				}
			case param == "date":
				for _, one := range splitValues(v) {
					if _, _, ok := prefixedDate(one); !ok {
						return &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: fmt.Sprintf("%q is no date that can be searched for", one), Rule: "tx-search-date", Got: one,
							Want: "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss, after eq, ne, gt, ge, lt, le, sa, eb or nothing"}
					}
				}
			}
		}
	}
	return nil
}

func modifiers(param string) []string {
	switch param {
	case "name", "title", "description", "publisher":
		return []string{"missing", "exact", "contains"}
	}
	return []string{"missing"}
}

// dateRange is what a date stands for: 2026 is a whole year. The end does not belong to it.
type dateRange struct{ start, end time.Time }

func (r dateRange) holds(o dateRange) bool { return !o.start.Before(r.start) && !o.end.After(r.end) }

// parseDate reads a date or instant of any precision; without a zone it is in UTC.
func parseDate(s string) (dateRange, bool) {
	s = strings.ReplaceAll(s, " ", "+") // the plus of a zone, when the client did not encode it
	for _, f := range []struct {
		layout      string
		year, month int
		day         int
		step        time.Duration
	}{
		{layout: "2006", year: 1}, {layout: "2006-01", month: 1}, {layout: "2006-01-02", day: 1},
		{layout: "2006-01-02T15:04", step: time.Minute}, {layout: "2006-01-02T15:04Z07:00", step: time.Minute},
		{layout: "2006-01-02T15:04:05", step: time.Second}, {layout: "2006-01-02T15:04:05Z07:00", step: time.Second},
	} {
		t, err := time.Parse(f.layout, s)
		if err != nil {
			continue
		}
		if strings.Contains(s, ".") { // a fraction: the layouts of whole seconds take it too
			f.step = time.Millisecond
		}
		return dateRange{t, t.AddDate(f.year, f.month, f.day).Add(f.step)}, true
	}
	return dateRange{}, false
}

// prefixedDate reads the value of a date parameter: a comparison, which may be left out, and a date.
func prefixedDate(v string) (prefix string, r dateRange, ok bool) {
	prefix = "eq"
	if len(v) > 2 && slices.Contains([]string{"eq", "ne", "gt", "ge", "lt", "le", "sa", "eb"}, v[:2]) {
		prefix, v = v[:2], v[2:]
	}
	r, ok = parseDate(v)
	return prefix, r, ok
}

// matchDate compares ranges as FHIR R4 3.1.1.5.4 says. A resource without a date never matches.
func matchDate(have, want string) bool {
	r, dated := parseDate(have)
	prefix, w, ok := prefixedDate(want)
	if !dated || !ok {
		return false
	}
	above, below := r.end.After(w.end), r.start.Before(w.start)
	switch prefix {
	case "ne":
		return !w.holds(r)
	case "gt":
		return above
	case "ge":
		return above || w.holds(r)
	case "lt":
		return below
	case "le":
		return below || w.holds(r)
	case "sa":
		return !r.start.Before(w.end)
	case "eb":
		return !r.end.After(w.start)
	}
	return w.holds(r)
}
