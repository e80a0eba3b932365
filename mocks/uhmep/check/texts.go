package check

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// texts finds every encrypted text of a document, contained resources included, and checks form, marker and kid.
func (c *Checker) texts(root *profile.Node, key *Key) ([]EncryptedText, []Issue) {
	t := &textCheck{key: key, keyPresent: keyPresent(root), must: map[string]bool{}, perRule: map[string]int{}}
	for _, n := range mustEncrypt(root) {
		t.must[n.Path()] = true
		t.text(n)
	}
	for _, contained := range root.Items("contained") {
		if date := contained.Member("birthDate"); date.Value() != nil && len(date.Extensions(infsec+"be-ext-pseudonymized-content")) == 0 {
			t.refuse(TextNotEncrypted, "text-form", date, "a birth date is sent encrypted", "a clear value", "_birthDate with be-ext-pseudonymized-content")
		}
	}
	root.Walk(t.visit)
	if len(t.found) > 0 && !t.keyPresent {
		at := root.Member("meta").Absent("extension")
		if root.Member("meta") == nil {
			at = root.Absent("meta").Absent("extension")
		}
		t.refuse(KeyMissing, "key-present", at, "encrypted texts need their key", t.found[0].Expression+" is encrypted", "be-ext-key-pseudonymization")
	}
	return t.found, t.issues
}

func keyPresent(root *profile.Node) bool {
	present := false
	root.Walk(func(n *profile.Node) {
		present = present || tree.Text(n.Object(), "url") == infsec+"be-ext-key-pseudonymization"
	})
	return present
}

// maxPerRule bounds the issues of one rule: a body of many small mistakes must not cost more than a good one.
const maxPerRule = 60

type textCheck struct {
	key        *Key
	keyPresent bool
	must       map[string]bool
	found      []EncryptedText
	issues     []Issue
	perRule    map[string]int
}

func (t *textCheck) refuse(sandbox, rule string, at *profile.Node, text, got, want string) {
	if t.perRule[rule]++; t.perRule[rule] <= maxPerRule {
		t.issues = append(t.issues, unprocessable(StagePseudonym, "value", sandbox, rule, at, text, got, want))
	}
}

// visit looks at what is marked as encrypted anywhere, and at replaced values.
func (t *textCheck) visit(n *profile.Node) {
	if m, ok := markerOf(n); ok && n.Value() != nil && !t.must[n.Path()] {
		switch {
		case m.format == "encrypted" || strings.HasPrefix(n.Text(), "urn:be:fgov:pseudo-encrypted:"):
			t.text(n)
		case !strings.HasPrefix(n.Text(), "urn:be:fgov:"):
			t.refuse(PseudonymInvalid, "marked-value", n, "a marked value is a pseudonym", shorten(n.Text()), pseudonymPrefix+"{SEC1}:{transitInfo}")
		}
	}
	for _, content := range n.Extensions(infsec + "be-ext-pseudonymized-content") {
		if value := content.Part("encryptedValue").Member("valueString"); value != nil {
			t.value(value)
		}
		if n.Value() != nil && n.Object() == nil || hasClearText(n) {
			t.refuse(TextNotEncrypted, "clear-beside-encrypted", n, "no clear value may stand beside the encrypted one", "a clear value", "be-ext-pseudonymized-content alone")
		}
	}
}

// hasClearText finds a clear text or a telling code in a concept whose real value is encrypted.
func hasClearText(n *profile.Node) bool {
	o := n.Object()
	if tree.Text(o, "text") != "" {
		return true
	}
	for _, coding := range tree.Objects(o, "coding") {
		if code := tree.Text(coding, "code"); code != "" && code != "other" {
			return true
		}
	}
	return false
}

// text checks an encrypted text that carries its own marker.
func (t *textCheck) text(n *profile.Node) {
	if m, ok := markerOf(n); ok && (m.format != "" && m.format != "encrypted" || m.version != "" && m.version != "1") {
		t.refuse(TextNotEncrypted, "text-marker", n, "the marker does not fit an encrypted text", "format "+m.format+", version "+m.version, "format encrypted, version 1")
	}
	t.value(n)
}

func (t *textCheck) value(n *profile.Node) {
	kid, why := ParseEncrypted(n.Text())
	if why != "" {
		t.refuse(TextNotEncrypted, "text-form", n, why, shorten(n.Text()), encryptedPrefix+"{kid}:{JWE}")
		return
	}
	t.found = append(t.found, EncryptedText{Expression: n.Path(), Value: n.Text(), KeyID: kid})
	if t.key != nil && t.key.ID != "" && kid != t.key.ID {
		t.refuse(KeyMismatch, "key-kid", n, "the text is encrypted with another key", kid, t.key.ID)
	}
}

// mustEncrypt lists the texts that may only be sent encrypted, marked or not.
func mustEncrypt(root *profile.Node) []*profile.Node {
	var out []*profile.Node
	for _, element := range []string{"reasonCode", "note", "code", "orderDetail", "statusReason"} {
		for _, n := range root.Items(element) {
			out = append(out, withValue(n.Items("text"))...)
		}
	}
	for _, ext := range root.Extensions("http://hl7.org/fhir/StructureDefinition/request-statusReason") {
		out = append(out, withValue(ext.Member("valueCodeableConcept").Items("text"))...)
	}
	for _, ext := range root.Extensions(referral + "be-ext-urgency-justification") {
		out = append(out, withValue(ext.Items("valueString"))...)
	}
	for _, info := range root.Items("supportingInfo") {
		for _, ext := range info.Extensions(referral + "be-ext-codeable-concept") {
			out = append(out, withValue(ext.Member("valueCodeableConcept").Items("text"))...)
		}
	}
	for _, contained := range root.Items("contained") {
		out = append(out, answers(contained)...)
	}
	if root.Is("Parameters") { // the concepts of patches and evaluations are reasons and notes
		root.Walk(func(n *profile.Node) {
			if n.Is("valueCodeableConcept") {
				out = append(out, withValue(n.Items("text"))...)
			}
		})
	}
	return out
}

const referral = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/"

// answers are the text answers of a questionnaire at any level.
func answers(n *profile.Node) []*profile.Node {
	var out []*profile.Node
	for _, item := range n.Items("item") {
		for _, answer := range item.Items("answer") {
			out = append(out, withValue(answer.Items("valueString"))...)
			out = append(out, answers(answer)...)
		}
		out = append(out, answers(item)...)
	}
	return out
}

func withValue(nodes []*profile.Node) []*profile.Node {
	var out []*profile.Node
	for _, n := range nodes {
		if n.Value() != nil {
			out = append(out, n)
		}
	}
	return out
}
