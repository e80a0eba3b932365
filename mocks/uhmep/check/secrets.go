package check

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Prefixes of values on the wire.
const (
	pseudonymPrefix = "urn:be:fgov:pseudo:v2:"
	pseudonymOther  = "urn:be:fgov:ehealth:pseudo:v2:" // the spelling of capability statements, seen in real examples
	encryptedPrefix = "urn:be:fgov:pseudo-encrypted:v1:"
)

// ParsePseudonym reads a pseudonym in transit. The form is checked, not whether the point is on the curve or the box opens.
// why is empty when the form is right.
func ParsePseudonym(value string) (p Pseudonym, why string) {
	rest, ok := strings.CutPrefix(value, pseudonymPrefix)
	if !ok {
		if rest, ok = strings.CutPrefix(value, pseudonymOther); !ok {
			return p, "the value does not start with " + pseudonymPrefix
		}
	}
	point, transit, ok := strings.Cut(rest, ":")
	if !ok {
		return p, "the transit info is missing"
	}
	sec1, err := base64.RawURLEncoding.Strict().DecodeString(point)
	switch {
	case err != nil:
		return p, "the point is not base64url without padding"
	case len(sec1) == 67 && (sec1[0] == 2 || sec1[0] == 3), len(sec1) == 133 && sec1[0] == 4:
	default:
		return p, "the point is not a SEC 1 point of P-521 (67 or 133 bytes)"
	}
	if _, why := parseJWE(transit, false); why != "" {
		return p, "the transit info is no compact JWE: " + why
	}
	return Pseudonym{Value: value, TransitInfo: transit, Point: sec1}, ""
}

// ParseEncrypted reads an encrypted text and returns its kid. Nothing is decrypted; why is empty when the form is right.
func ParseEncrypted(value string) (kid, why string) {
	rest, ok := strings.CutPrefix(value, encryptedPrefix)
	if !ok {
		return "", "the value does not start with " + encryptedPrefix
	}
	i := strings.LastIndexByte(rest, ':')
	if i <= 0 {
		return "", "the kid or the JWE is missing"
	}
	kid, text := rest[:i], rest[i+1:]
	header, why := parseJWE(text, true)
	if why != "" {
		return "", why
	}
	if header.Alg != "dir" || header.Enc != "A256GCM" {
		return "", "the JWE is not alg dir with enc A256GCM"
	}
	if header.Kid != nil && *header.Kid != kid {
		return "", "the kid in the JWE header differs from the one in front"
	}
	return kid, ""
}

type jweHeader struct {
	Alg string  `json:"alg"`
	Enc string  `json:"enc"`
	Kid *string `json:"kid"`
}

// parseJWE checks the form of a compact JWE; direct means that there is no encrypted key, so the second segment is empty.
func parseJWE(text string, direct bool) (header jweHeader, why string) {
	segments := strings.Split(text, ".")
	if len(segments) != 5 {
		return header, "a compact JWE has five segments"
	}
	for i, segment := range segments {
		if i == 1 && direct {
			if segment != "" {
				return header, "the second segment of a JWE with alg dir is empty"
			}
			continue
		}
		if _, err := base64.RawURLEncoding.DecodeString(segment); err != nil || segment == "" && (i == 0 || i == 2 || i == 4) {
			return header, "a segment is not base64url"
		}
	}
	plain, err := base64.RawURLEncoding.DecodeString(segments[0])
	if err != nil || json.Unmarshal(plain, &header) != nil {
		return header, "the protected header is not JSON"
	}
	return header, ""
}

const infsec = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/"

// marker is what be-ext-pseudonymization says about a value.
type marker struct{ format, version string }

// markerOf reads the marker beside a primitive, ok is false without one.
func markerOf(n *profile.Node) (m marker, ok bool) {
	found := n.Extensions(infsec + "be-ext-pseudonymization")
	if len(found) == 0 {
		return m, false
	}
	version, _ := found[0].Part("version").Member("valuePositiveInt").Value().(json.Number)
	return marker{found[0].Part("format").Member("valueCode").Text(), version.String()}, true
}

// key finds the one key of the document, in meta.extension.
func (c *Checker) key(root *profile.Node) (*Key, []Issue) {
	var found []*profile.Node
	found = append(found, root.Member("meta").Extensions(infsec+"be-ext-key-pseudonymization")...)
	for _, contained := range root.Items("contained") {
		found = append(found, contained.Member("meta").Extensions(infsec+"be-ext-key-pseudonymization")...)
	}
	if len(found) == 0 {
		return nil, nil
	}
	if len(found) > 1 {
		return nil, []Issue{unprocessable(StagePseudonym, "value", KeyAmbiguous, "key-one", found[1], "a document has one key", "several", "one be-ext-key-pseudonymization")}
	}
	id := tree.Text(found[0].Object(), "id")
	value := found[0].Part("key").Member("valueString")
	if value == nil {
		return nil, nil // its definition has said so
	}
	p, issues := pseudonym(value, "key-form")
	if len(issues) > 0 {
		return nil, issues
	}
	return &Key{ID: id, Pseudonym: p}, nil
}

// pseudonym reads the pseudonym at a node and checks its marker.
func pseudonym(n *profile.Node, rule string) (Pseudonym, []Issue) {
	p, why := ParsePseudonym(n.Text())
	var issues []Issue
	if why != "" {
		issues = append(issues, unprocessable(StagePseudonym, "value", PseudonymInvalid, rule, n, why, shorten(n.Text()), pseudonymPrefix+"{SEC1}:{transitInfo}"))
	}
	if m, ok := markerOf(n); ok && (m.format != "" && m.format != "direct" || m.version != "" && m.version != "2") {
		issues = append(issues, unprocessable(StagePseudonym, "value", PseudonymInvalid, rule+"-marker", n, "the marker does not fit a pseudonym",
			"format "+m.format+", version "+m.version, "format direct, version 2"))
	}
	p.Expression = n.Path()
	return p, issues
}

// shorten keeps a value fit for a message and clinical text out of it.
func shorten(s string) string {
	const keep = 40
	if !strings.HasPrefix(s, "urn:") {
		return "a text that is no urn"
	}
	if len(s) > keep {
		return s[:keep] + "…"
	}
	return s
}
