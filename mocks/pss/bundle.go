package pss

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// answerBundle collects a PSSResponseBundle: type collection, the PSS number
// as identifier, and the tenant's time.
type answerBundle struct {
	id      string
	at      time.Time
	newID   func() string
	entries []any
}

// newAnswer starts a bundle whose ids come from the tenant's randomness.
func newAnswer(t *tenant.Tenant, id string) *answerBundle {
	return &answerBundle{id: id, at: t.Clock.Now(), newID: t.Chance.UUID}
}

// derivedIDs makes UUIDs that depend on nothing but the PSS number.
func derivedIDs(id string) func() string {
	n := 0
	return func() string {
		n++
		sum := sha256.Sum256([]byte(id + "#" + strconv.Itoa(n)))
		sum[6] = sum[6]&0x0f | 0x80 // version 8: custom (RFC 9562)
		sum[8] = sum[8]&0x3f | 0x80
		h := hex.EncodeToString(sum[:16])
		return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	}
}

// add puts a resource into the bundle and returns its full URL.
func (b *answerBundle) add(resourceType, profile string, rest ...member) string {
	id := b.newID()
	return b.put("urn:uuid:"+id, object{{"resourceType", resourceType}, {"id", id}, {"meta", profiles(profile)}}, rest)
}

func (b *answerBundle) put(fullURL string, head object, rest []member) string {
	b.entries = append(b.entries, object{{"fullUrl", fullURL}, {"resource", append(head, rest...)}})
	return fullURL
}

// first moves the last entry to the front: the RequestGroup is written last,
// when all it refers to is known, but leads the bundle.
func (b *answerBundle) first() {
	last := len(b.entries) - 1
	entries := append([]any{b.entries[last]}, b.entries[:last]...)
	b.entries = entries
}

func profiles(url string) object {
	if url == "" {
		return nil
	}
	return object{{"profile", []any{url}}}
}

// MarshalJSON implements json.Marshaler.
func (b *answerBundle) MarshalJSON() ([]byte, error) {
	return object{
		{"resourceType", "Bundle"},
		{"meta", profiles(profileBase + "PSSResponseBundle")},
		{"identifier", object{{"value", b.id}}},
		{"type", "collection"},
		{"timestamp", instant(b.at)},
		{"entry", b.entries},
	}.MarshalJSON()
}

// group adds the RequestGroup with its one top action.
func (b *answerBundle) group(subject string, action object) {
	var ref object
	if subject != "" {
		ref = reference(subject)
	}
	b.add("RequestGroup", profileBase+"PSSResponseRequestGroup",
		member{"status", "active"}, member{"intent", "proposal"}, member{"subject", ref}, member{"action", []any{action}})
	b.first()
}

// echo puts a resource of the request into the answer. A full URL that is not
// absolute is replaced: FHIR allows none in a bundle.
func (b *answerBundle) echo(res *resource) string {
	if res == nil {
		return ""
	}
	url := res.fullURL
	if !strings.Contains(url, ":") {
		url = "urn:uuid:" + b.newID()
	}
	b.entries = append(b.entries, object{{"fullUrl", url}, {"resource", res.node}})
	return url
}

// instant is a FHIR instant in UTC with milliseconds.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// rating is a PSSStructuredRating of n out of m.
func rating(kind string, n, m int, extra ...any) object {
	parts := []any{
		object{{"url", "ratingType"}, {"valueCode", kind}},
		object{{"url", "ratingValue"}, {"valueRatio", object{
			{"numerator", object{{"value", n}}}, {"denominator", object{{"value", m}}},
		}}},
	}
	return object{{"url", urlRating}, {"extension", append(parts, extra...)}}
}

// ratingText is the part of a rating that explains its colour.
func ratingText(nl, fr string) object {
	return object{{"url", "ratingText"}, {"valueMarkdown", nl}, {"_valueMarkdown", translated("fr-BE", fr)}}
}

// tagOf is the language tag PSS writes for a language.
func tagOf(lang string) string {
	if lang == "nl" || lang == "fr" {
		return lang + "-BE"
	}
	return lang
}

// documentation is one link beside the advice.
func documentation(kind, label, lang, url string) object {
	return object{{"type", kind}, {"label", label}, {"_label", inLanguage(tagOf(lang))}, {"url", url}}
}

// isUUID says whether a full URL or id has the shape of one.
func isUUID(s string) bool {
	s = strings.TrimPrefix(s, "urn:uuid:")
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return false
		}
	}
	return true
}
