package check

import (
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// route finds the one profile meant by meta.profile among the given kinds. Federal canonicals and their /drp/ twins count as
// the eReferral ones; unknown URLs are not guessed.
func (c *Checker) route(root *profile.Node, kinds ...Kind) (Kind, *profile.Profile, []Issue) {
	var known []Kind
	var got []string
	for _, url := range tree.Texts(tree.Child(root.Object(), "meta"), "profile") {
		got = append(got, url)
		p := c.profiles.ByURL(url)
		for _, kind := range kinds {
			if p != nil && p.ID == kind.profileID() && !slices.Contains(known, kind) {
				known = append(known, kind)
			}
		}
	}
	if len(known) == 1 {
		return known[0], c.profiles.Profile(known[0].profileID()), nil
	}
	at := root.Member("meta", "profile")
	switch {
	case root.Member("meta") == nil:
		at = root.Absent("meta").Absent("profile")
	case at == nil:
		at = root.Member("meta").Absent("profile")
	}
	var wants []string
	for _, kind := range kinds {
		wants = append(wants, c.profiles.Profile(kind.profileID()).URL)
	}
	text := "no supported profile is named"
	if len(known) > 1 {
		text = "more than one supported profile is named"
	}
	return "", nil, []Issue{unprocessable(StageProfile, "structure", ProfileUnsupported, "profile-routing", at, text, strings.Join(got, ", "), "one of "+strings.Join(wants, ", "))}
}

// rewrite puts the eReferral canonical in the place of every federal one, as the gateway does.
func rewrite(doc tree.Object, set *profile.Set) {
	meta := tree.Child(doc, "meta")
	list, _ := meta["profile"].([]any)
	var out []any
	for _, item := range list {
		if url, ok := item.(string); ok {
			if p := set.ByURL(url); p != nil {
				item = p.URL
			}
		}
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	if out != nil {
		meta["profile"] = out
	}
}
