package postco_test

import (
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/postco"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed/snomedtest"
)

const version = "http://snomed.info/xsct/900000000000207008/version/20250101"

func read(t *testing.T, e *snomedtest.Edition, j *postco.Judge, text string) *postco.Expression {
	t.Helper()
	x, err := j.Read(t.Context(), e.Text(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return x
}

func TestSubsumptionIsProvenByStructure(t *testing.T) {
	t.Parallel()
	e := snomedtest.New(t, version, snomedtest.Clinic)
	j := postco.New(e.Edition)
	const general, narrow, equal, none = "subsumes", "subsumed-by", "equivalent", "not proven"
	for _, tc := range []struct{ name, a, b, want string }{
		{"a refinement is below its focus", "[Pancreatitis]", "[Pancreatitis]:{[Site]=[Tail of pancreas]}", general},
		{"and below the ancestors of its focus", "[Pancreatitis]:{[Site]=[Tail of pancreas]}", "[Disorder]", narrow},
		{"a narrower value is below", "[Disorder]:{[Site]=[Gland]}", "[Disorder]:{[Site]=[Tail of pancreas]}", general},
		{"a narrower attribute is below", "[Disorder]:{[Site]=[Gland]}", "[Disorder]:{[Precise site]=[Gland]}", general},
		{"more attributes say more", "[Disorder]:{[Shape]=[Swelling],[Site]=[Gland]}", "[Disorder]:{[Site]=[Gland]}", narrow},
		{"groups are compared whole", "[Disorder]:{[Site]=[Gland],[Shape]=[Swelling]}", "[Disorder]:{[Site]=[Gland]},{[Shape]=[Swelling]}", narrow},
		{"unrelated values prove nothing", "[Disorder]:{[Site]=[Hand]}", "[Disorder]:{[Site]=[Gland]}", none},
		{"unrelated attributes prove nothing", "[Disorder]:{[Site]=[Hand]}", "[Disorder]:{[Shape]=[Swelling]}", none},
		{"a concept equals its definition", "[Swollen gland]", "[Disorder]:{[Site]=[Gland],[Shape]=[Swelling]}", equal},
		{"a refinement that repeats the definition adds nothing", "[Swollen gland]", "[Swollen gland]:{[Site]=[Gland]}", equal},
		{"a primitive concept has what is inferred of it", "[Disorder]:{[Site]=[Pancreas]}", "[Mumps]", general},
		{"but is not what it is made of", "[Pancreas disorder]:{[Site]=[Pancreas],[Shape]=[Swelling]}", "[Pancreatitis]", general},
		{"an expression is above a defined concept", "[Disorder]:{[Site]=[Gland]}", "[Hard pancreas]", general},
		{"a refined defined concept may be a defined concept", "[Pancreas disorder]:{[Site]=[Pancreas],[Shape]=[Hardening]}", "[Hard pancreas]", equal},
		{"a conjunction with an ancestor is the narrower concept", "[Pancreatitis]+[Disorder]", "[Pancreatitis]", equal},
		{"a conjunction is below its parts", "[Rash]+[Mumps]", "[Rash]", narrow},
		{"nested expressions are compared too", "[Disorder]:{[Cause]=([Disorder]:{[Site]=[Gland]})}", "[Disorder]:{[Cause]=[Hard pancreas]}", general},
		{"and equal ones are equal", "[Disorder]:{[Cause]=([Disorder]:{[Site]=[Hand]})}", "[Disorder]:{[Cause]=([Disorder]:{[Site]=[Hand]})}", equal},
		{"numbers are compared as numbers", "[Product]:[Count]=#2", "[Product]:[Count]=#2.0", equal},
		{"other numbers are others", "[Product]:[Count]=#2", "[Product]:[Count]=#3", none},
		{"an ungrouped attribute is a group of one", "[Disorder]:[Site]=[Hand]", "[Disorder]:{[Site]=[Hand]}", equal},
		{"a subtype expression is below, never above", "<<<[Disorder]:{[Site]=[Hand]}", "[Disorder]:{[Site]=[Hand]}", narrow},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, b := read(t, e, j, tc.a), read(t, e, j, tc.b)
			got := none
			switch up, down := j.Subsumes(a, b), j.Subsumes(b, a); {
			case up && down:
				got = equal
			case up:
				got = general
			case down:
				got = narrow
			}
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestExpressionsSatisfyConstraints(t *testing.T) {
	t.Parallel()
	e := snomedtest.New(t, version, snomedtest.Clinic)
	j := postco.New(e.Edition)
	for _, tc := range []struct {
		name, expression, constraint string
		want                         bool
	}{
		{"descendant", "[Disorder]:{[Site]=[Hand]}", "< [Disorder]", true},
		{"descendant by a definition", "[Disorder]:{[Site]=[Tail of pancreas]}", "< [Gland disorder]", true},
		{"not below a sibling", "[Disorder]:{[Site]=[Hand]}", "<< [Gland disorder]", false},
		{"not below a primitive concept", "[Disorder]:{[Site]=[Pancreas],[Shape]=[Swelling]}", "<< [Pancreatitis]", false},
		{"what equals a concept is that concept", "[Disorder]:{[Site]=[Gland]}", "[Gland disorder]", true},
		{"and not below it", "[Disorder]:{[Site]=[Gland]}", "< [Gland disorder]", false},
		{"but itself or below", "[Disorder]:{[Site]=[Gland]}", "<< [Gland disorder]", true},
		{"child", "[Mumps]:{[Site]=[Tail of pancreas]}", "<! [Mumps]", true},
		{"grandchild is no child", "[Mumps]:{[Site]=[Tail of pancreas]}", "<! [Disorder]", false},
		{"child of what its definition leads to", "[Disorder]:{[Site]=[Tail of pancreas]}", "<! [Pancreas disorder]", true},
		{"child or self", "[Disorder]:{[Site]=[Hand]}", "<<! [Disorder]", true},
		{"ancestor", "[Disorder]:{[Site]=[Body part]}", "> [Hard pancreas]", true},
		{"parent", "[Disorder]:{[Shape]=[Hardening]}", ">! [Hard pancreas]", true},
		{"no parent when something stands between", "[Disorder]:{[Site]=[Body part]}", ">! [Hard pancreas]", false},
		{"no ancestor", "[Rash]:{[Site]=[Hand]}", ">> [Hard pancreas]", false},
		{"everything", "[Disorder]:{[Site]=[Hand]}", "*", true},
		{"a reference set never", "[Mumps]:{[Site]=[Hand]}", "^ [Other set]", false},
		{"below a member of a reference set", "[Mumps]:{[Site]=[Hand]}", "<< ^ [Other set]", true},
		{"and", "[Mumps]:{[Site]=[Hand]}", "<< [Disorder] AND << [Mumps]", true},
		{"or", "[Mumps]:{[Site]=[Hand]}", "<< [Event] OR << [Mumps]", true},
		{"minus", "[Disorder]:{[Site]=[Hand]}", "<< [Disorder] MINUS << [Gland disorder]", true},
		{"minus takes it out", "[Disorder]:{[Site]=[Pancreas]}", "<< [Disorder] MINUS << [Gland disorder]", false},
		{"everything but", "[Disorder]:{[Site]=[Pancreas]}", "* MINUS << [Body part]", true},
		{"brackets", "[Disorder]:{[Site]=[Pancreas]}", "<< ([Gland disorder] OR [Rash])", true},
		{"attribute", "[Disorder]:{[Site]=[Pancreas]}", "< [Disorder] : [Site] = << [Gland]", true},
		{"attribute with another value", "[Disorder]:{[Site]=[Hand]}", "< [Disorder] : [Site] = << [Gland]", false},
		{"attribute with an exact value", "[Disorder]:{[Site]=[Pancreas]}", "< [Disorder] : [Site] = [Gland]", false},
		{"attribute with another than", "[Disorder]:{[Site]=[Hand]}", "< [Disorder] : [Site] != << [Gland]", true},
		{"any value", "[Disorder]:{[Site]=[Hand]}", "< [Disorder] : [Site] = *", true},
		{"no such attribute", "[Disorder]:{[Site]=[Hand]}", "< [Disorder] : [Shape] = *", false},
		{"inherited attribute", "[Mumps]:{[Cause]=[Fall]}", "< [Disorder] : [Shape] = [Swelling]", true},
		{"attributes in one group", "[Disorder]:{[Site]=[Hand],[Shape]=[Swelling]}", "< [Disorder] : { [Site] = [Hand], [Shape] = [Swelling] }", true},
		{"attributes in two groups", "[Disorder]:{[Site]=[Hand]},{[Shape]=[Swelling]}", "< [Disorder] : { [Site] = [Hand], [Shape] = [Swelling] }", false},
		{"how often", "[Disorder]:{[Site]=[Hand]},{[Site]=[Gland]}", "< [Disorder] : [1..1] [Site] = *", false},
		{"how often in a group", "[Disorder]:{[Site]=[Hand]},{[Site]=[Gland]}", "< [Disorder] : { [1..1] [Site] = * }", true},
		{"none at all", "[Disorder]:{[Site]=[Hand]}", "< [Disorder] : [0..0] [Shape] = *", true},
		{"a value that is an expression", "[Disorder]:{[Cause]=([Disorder]:{[Site]=[Pancreas]})}", "* : [Cause] = << [Gland disorder]", true},
		{"a number", "[Product]:[Count]=#2", "* : [Count] >= #2", true},
		{"a smaller number", "[Product]:[Count]=#1", "* : [Count] >= #2", false},
		{"a reversed attribute", "[Hand]:[Laterality]=[Left]", "* : R [Site] = *", false},
		{"the values of an attribute", "[Hand]:[Laterality]=[Left]", "[Rash] . [Site]", false},
		{"a filter of terms", "[Disorder]:{[Site]=[Hand]}", `<< [Disorder] {{ term = "dis" }}`, false},
		{"the top of a set", "[Mumps]:{[Site]=[Hand]}", "!!> (<< [Mumps])", false},
		{"the bottom of a set", "[Mumps]:{[Site]=[Hand]}", "!!< (<< [Mumps])", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			n, err := ecl.Parse(e.Text(tc.constraint))
			if err != nil {
				t.Fatal(err)
			}
			got, err := read(t, e, j, tc.expression).Satisfies(t.Context(), n)
			if err != nil || got != tc.want {
				t.Errorf("%s in %s: got %v %v, want %v", tc.expression, tc.constraint, got, err, tc.want)
			}
		})
	}
}

func TestBadExpressionsSayWhichRuleTheyBreak(t *testing.T) {
	t.Parallel()
	plain, ruled := snomedtest.New(t, version, snomedtest.Clinic), snomedtest.New(t, version, snomedtest.Clinic+snomedtest.Model)
	for _, tc := range []struct {
		name, expression string
		want             string // with a concept model; empty = valid
		without          string // without one
	}{
		{"a good one", "[Disorder]:{[Site]=[Hand],[Shape]=[Swelling]},{[Site]=[Gland]}", "", ""},
		{"a concept that does not exist", "[Disorder]:{[Site]=9999999}", "Concept 9999999 not found in " + version + " (at character 18)", "Concept 9999999 not found in " + version + " (at character 18)"},
		{"an inactive concept", "[Old]", "Concept [Old] |Old| is not active (at character 1)", "Concept [Old] |Old| is not active (at character 1)"},
		{"an attribute that is none", "[Disorder]:{[Hand]=[Gland]}", "Concept [Hand] is not valid in this context (must be a descendent of one of 410662002,106237007)",
			"Concept [Hand] is not valid in this context (must be a descendent of one of 410662002,106237007)"},
		{"domain", "[Hand]:[Site]=[Gland]", "The SNOMED CT concept model does not allow the attribute [Site] |Site| on [Hand] |Hand| (the attribute is only valid in the domain [Finding] |Finding|)", ""},
		{"one of two domains", "[Fall]:{[Cause]=[Rash]}", "", ""},
		{"none of two domains", "[Hand]:{[Cause]=[Rash]}",
			"The SNOMED CT concept model does not allow the attribute [Cause] |Cause| on [Hand] |Hand| (the attribute is only valid in the domain [Finding] |Finding|, or in the domain [Event] |Event|)", ""},
		{"a side of what has sides", "[Hand]:[Laterality]=[Left]", "", ""},
		{"a side of what has none", "[Gland]:[Laterality]=[Left]",
			"The SNOMED CT concept model does not allow the attribute [Laterality] |Laterality| on [Gland] |Gland| (the attribute is only valid for concepts in [Sided] |Sided|)",
			"The SNOMED CT concept model does not allow the attribute [Laterality] |Laterality| on [Gland] |Gland| (the attribute is only valid for concepts in [Sided] |Sided|)"},
		{"range", "[Hand]:[Laterality]=[Gland]", `The SNOMED CT concept model does not allow [Gland] |Gland| as the value of the attribute [Laterality] |Laterality| (the value must satisfy "<< [Side] |Side|")`, ""},
		{"a concept is wanted", "[Hand]:[Laterality]=#5", `The SNOMED CT concept model does not allow #5 as the value of the attribute [Laterality] |Laterality| (the value must satisfy "<< [Side] |Side|")`, ""},
		{"a number is wanted", "[Product]:{[Strength]=[Hand]}", `The SNOMED CT concept model does not allow [Hand] |Hand| as the value of the attribute [Strength] |Strength| (the value must satisfy "dec(>#0..#1000)")`, ""},
		{"a number out of range", "[Product]:{[Strength]=#0}", `The SNOMED CT concept model does not allow #0 as the value of the attribute [Strength] |Strength| (the value must satisfy "dec(>#0..#1000)")`, ""},
		{"the upper end belongs to the range", "[Product]:{[Strength]=#1000}", "", ""},
		{"a whole number is wanted", "[Product]:[Count]=#2.5", `The SNOMED CT concept model does not allow #2.5 as the value of the attribute [Count] |Count| (the value must satisfy "int(>#0..)")`, ""},
		{"a value that is an expression is in the range", "[Disorder]:{[Site]=([Hand]:[Laterality]=[Left])}", "", ""},
		{"an expression out of the range", "[Disorder]:{[Shape]=([Hand]:[Laterality]=[Left])}",
			`The SNOMED CT concept model does not allow [Hand]:[Laterality]=[Left] as the value of the attribute [Shape] |Shape| (the value must satisfy "<< [Form]")`, ""},
		{"rules hold within", "[Disorder]:{[Site]=([Hand]:[Laterality]=[Left],[Laterality]=[Right])}", "The SNOMED CT concept model allows the attribute [Laterality] |Laterality| at most 1 time(s) on one concept, but it is used 2 times", ""},
		{"what must not be grouped", "[Hand]:{[Laterality]=[Left]}", "The SNOMED CT concept model does not allow the attribute [Laterality] |Laterality| to appear in a relationship group", ""},
		{"what must be grouped", "[Disorder]:[Site]=[Hand]", "The SNOMED CT concept model requires the attribute [Site] |Site| to appear in a relationship group", ""},
		{"too often", "[Hand]:[Laterality]=[Left],[Laterality]=[Left]", "The SNOMED CT concept model allows the attribute [Laterality] |Laterality| at most 1 time(s) on one concept, but it is used 2 times", ""},
		{"too often in a group", "[Disorder]:{[Site]=[Hand],[Site]=[Gland]}", "The SNOMED CT concept model allows the attribute [Site] |Site| at most 1 time(s) in one relationship group, but it is used 2 times", ""},
		{"an attribute without rules", "[Disorder]:{[Precise site]=[Hand]}", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, x := range []struct {
				e    *snomedtest.Edition
				want string
			}{{plain, tc.without}, {ruled, tc.want}} {
				got := ""
				if _, err := postco.New(x.e.Edition).Read(t.Context(), x.e.Text(tc.expression)); err != nil {
					got = err.Error()
				}
				if want := x.e.Text(x.want); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
	if postco.New(plain.Edition).HasModel() || !postco.New(ruled.Edition).HasModel() {
		t.Error("whether there is a concept model is told wrongly")
	}
}
