package uhmep

import (
	"context"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// pssInfo is the tail of the extension with the number of a consultation of
// Prescription Search Support.
const pssInfo = "/be-ext-pss-info"

// quotedAdvice looks at the PSS number of an imaging prescription. An unknown
// one is noted in the journal, and refused when pss-link is strict: consulting
// PSS is a duty of the process, not a rule of the platform.
func (s *Service) quotedAdvice(ctx context.Context, doc *check.ServiceRequest) error {
	if doc.Kind != check.Imaging || s.Advice == nil {
		return nil
	}
	number := pssNumber(doc.Tree)
	if number == "" {
		journal.Warn(ctx, "pss-not-consulted", "an imaging prescription without a PSS number: the integration guide asks to consult Prescription Search Support first")
		return nil
	}
	t := tenant.From(ctx)
	known, err := s.Advice(t, number)
	if err != nil {
		return err
	}
	const rule, want = "pss-link", "the exchangeId of a consultation of this tenant"
	journal.Record(ctx, rule, known, number, want, "")
	switch {
	case known:
		return nil
	case t.Settings.String("pss-link") == "strict":
		return refuse(check.TemplateRule, rule, "the PSS number is not known", number, want, "consult PSS first, and send its exchangeId in be-ext-pss-info")
	default:
		journal.Warn(ctx, rule, "no consultation of this tenant has the PSS number "+number)
		return nil
	}
}

// pssNumber reads extension be-ext-pss-info of a ServiceRequest.
func pssNumber(doc tree.Object) string {
	list, _ := doc["extension"].([]any)
	for _, e := range list {
		ext, _ := e.(tree.Object)
		if url, _ := ext["url"].(string); strings.HasSuffix(url, pssInfo) {
			id, _ := ext["valueIdentifier"].(tree.Object)
			value, _ := id["value"].(string)
			return value
		}
	}
	return ""
}
