package rules

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

func isCSV(file string) bool { return strings.HasSuffix(file, ".csv") }

// csvHeader is the header of a rule table kept in a spreadsheet: one line per
// option, indications separated by blanks.
func csvHeader() []string {
	return []string{"rule", "indications", "age_min", "age_max", "sex", "procedure", "score", "radiation"}
}

// rulesCSV reads a rule table from CSV. Lines of one rule must repeat its
// limits and indications exactly.
func (l *loader) rulesCSV(file string, data []byte) []Rule {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		l.problem(literal(file+":1"), "%v", err)
		return nil
	}
	if !slices.Equal(header, csvHeader()) {
		l.problem(literal(file+":1"), "header is %q, must be %q", strings.Join(header, ","), strings.Join(csvHeader(), ","))
		return nil
	}
	var out []Rule
	byID := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		line, _ := r.FieldPos(0)
		at := literal(fmt.Sprintf("%s:%d", file, line))
		if err != nil {
			l.problem(literal(file), "%v", err)
			return out
		}
		rule, ok := l.csvRow(at, row)
		if !ok {
			continue
		}
		i, seen := byID[rule.ID]
		if !seen {
			byID[rule.ID] = len(out)
			out = append(out, rule)
			continue
		}
		first := &out[i]
		if !slices.Equal(first.Indications, rule.Indications) || !sameRange(first.Age, rule.Age) || first.Sex != rule.Sex {
			l.problem(at, "rule %s has other indications, ages or sex than on %s", rule.ID, first.at)
			continue
		}
		first.Options = append(first.Options, rule.Options...)
	}
}

func (l *loader) csvRow(at fmt.Stringer, row []string) (Rule, bool) {
	good := true
	number := func(column int, mandatory bool) *int {
		text := strings.TrimSpace(row[column])
		if text == "" && !mandatory {
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			l.problem(at, "column %s: %q is not a whole number", csvHeader()[column], text)
			good = false
			return nil
		}
		return &n
	}
	rule := Rule{
		ID: strings.TrimSpace(row[0]), Indications: strings.Fields(row[1]),
		Age: Range{number(2, false), number(3, false)}, Sex: strings.TrimSpace(row[4]), at: at,
	}
	option := Option{Procedure: strings.TrimSpace(row[5]), Radiation: number(7, false)}
	if score := number(6, true); score != nil {
		option.Score = *score
	}
	rule.Options = []Option{option}
	return rule, good
}

func sameRange(a, b Range) bool {
	same := func(x, y *int) bool { return (x == nil) == (y == nil) && (x == nil || *x == *y) }
	return same(a.Min, b.Min) && same(a.Max, b.Max)
}
