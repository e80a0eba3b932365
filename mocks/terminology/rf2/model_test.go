package rf2_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/postco"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
)

// The rules are made up: only their columns matter here.
func TestTheConceptModelOfAReleaseIsFoundByItsColumns(t *testing.T) {
	t.Parallel()
	const domains, ranges = "Snapshot/Refset/Metadata/der2_cissccRefset_MRCMAttributeDomainSnapshot_INT_20260915.txt", "Snapshot/Refset/Metadata/der2_ssccRefset_MRCMAttributeRangeSnapshot_INT_20260915.txt"
	domainHeader := memberHeader + "\tdomainId\tgrouped\tattributeCardinality\tattributeInGroupCardinality\truleStrengthId\tcontentTypeId"
	rangeHeader := memberHeader + "\trangeConstraint\tattributeRule\truleStrengthId\tcontentTypeId"
	for _, tc := range []struct {
		name, expression  string
		domain, valueRule string // one row each; empty = no such file
		model             bool
		want              string
	}{
		{"no concept model", "404684003:363698007=404684003", "", "", false, ""},
		{"a domain", "138875005:363698007=404684003", "# 20250101 1 900000000000012004 723604009 363698007 404684003 0 0..1 0..0 723597001 723596005", "", true, "is only valid in the domain 404684003"},
		{"grouping", "404684003:{363698007=404684003}", "# 20250101 1 900000000000012004 723604009 363698007 404684003 0 0..1 0..0 723597001 723595009", "", true, "to appear in a relationship group"},
		{"a range", "404684003:363698007=#0", "", "# 20250101 1 900000000000012004 723592007 363698007 dec(>#0..) x 723597001 723595009", true, `must satisfy "dec(>#0..)"`},
		{"a rule that is optional", "404684003:363698007=#0", "", "# 20250101 1 900000000000012004 723592007 363698007 dec(>#0..) x 723598006 723596005", false, ""},
		{"a rule of pre-coordinated content", "404684003:363698007=#0", "", "# 20250101 1 900000000000012004 723592007 363698007 dec(>#0..) x 723597001 723594008", false, ""},
		{"a rule that holds no more", "404684003:363698007=#0", "", "# 20250101 0 900000000000012004 723592007 363698007 dec(>#0..) x 723597001 723596005", false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all := files(t)
			fmt.Fprintf(all[named(t, all, "sct2_Relationship_")], "%d\t20260915\t1\t900000000000012004\t363698007\t106237007\t0\t116680003\t900000000000011006\t900000000000451002\r\n", 9000000029)
			if tc.domain != "" {
				all[domains] = table(domainHeader, tc.domain)
			}
			if tc.valueRule != "" {
				all[ranges] = table(rangeHeader, tc.valueRule)
			}
			e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
			if err != nil {
				t.Fatal(err)
			}
			j := postco.New(e)
			if j.HasModel() != tc.model {
				t.Errorf("got a concept model: %v, want %v", j.HasModel(), tc.model)
			}
			got := ""
			if _, err := j.Read(t.Context(), tc.expression); err != nil {
				got = err.Error()
			}
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
