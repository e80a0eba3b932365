package iam

import (
	"net/url"
	"slices"
	"strings"
)

func joinWords(words []string) string { return strings.Join(words, " ") }

func sortedNames(v url.Values) []string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
