package pss

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// setting is what an answer depends on besides the question: the moment, the
// tenant's choices, and the language and origin of the request.
type setting struct {
	id       string // of the consultation
	at       time.Time
	lang     string
	consider bool
	evidence func(rule, lang string) string
}

// settingOf is the setting of a request; it draws the consultation's number.
func settingOf(r *http.Request) setting {
	t := tenant.From(r.Context())
	template := t.Settings.String("pss-evidence-url")
	if template == "self" {
		template = origin.Of(r) + "/pss/evidence/{rule}?lang={lang}"
	}
	return setting{
		id: t.Chance.UUID(), at: t.Clock.Now(), lang: language(r), consider: t.Settings.Bool("pss-consider-info"), evidence: linkFrom(template),
	}
}

// linkFrom fills the template of evidence links.
func linkFrom(template string) func(rule, lang string) string {
	return func(rule, lang string) string {
		return strings.NewReplacer("{rule}", rule, "{lang}", lang).Replace(template)
	}
}

// radiology answers a radiology question and makes the exchange that will be
// stored, with the answer of door A in it.
func (s *Service) radiology(in setting, door string, who caller, q asked) (*exchange, rules.Advice, error) {
	advice := s.rules.Radiology(rules.Question{
		Age: q.Age, Sex: q.Sex, Indications: q.Indications, Intention: q.Intention, Flags: q.Flags, Consider: in.consider,
	})
	x := &exchange{
		ID: in.id, Kind: kindAdvice, Domain: Radiology, Door: door, Created: in.at, Caller: who, Asked: q, Checksum: s.rules.Checksum,
	}
	for _, src := range advice.Sources {
		if src.RuleID != "" {
			x.RuleIDs = append(x.RuleIDs, src.RuleID)
		}
	}
	for _, o := range advice.Options {
		p, _ := s.rules.Procedure(o.Procedure)
		x.Options = append(x.Options, option{
			ID: o.Procedure, Label: p.Display, Score: o.Score, Radiation: o.Radiation, Requested: o.Requested, Codes: []string{o.Procedure},
		})
	}
	var err error
	if x.Explain, err = json.Marshal(s.explain(advice)); err != nil {
		return nil, advice, err
	}
	x.Answer, err = json.Marshal(s.support(in, x, advice))
	return x, advice, err
}

// noteAdvice tells the journal which advice was given, and which facts had no
// part in it.
func noteAdvice(r *http.Request, in setting, x *exchange) {
	if len(x.Asked.Flags) > 0 && !in.consider {
		journal.Warn(r.Context(), "pss-flags", "facts such as pregnancy or implants never reach the real PSS and were ignored; SANDBOX_PSS_CONSIDER_INFO=true lets them count here")
	}
	journal.Note(r.Context(), "pss", map[string]any{"exchangeId": x.ID, "ruleIds": strings.Join(x.RuleIDs, " "), "options": len(x.Options)})
}

// line is one examination as the inspector shows it.
type line struct {
	Procedure string       `json:"procedure"`
	Label     string       `json:"label"`
	Votes     []rules.Vote `json:"votes"`
	Merged    int          `json:"scoreMerged"`
	Final     int          `json:"score"`
	Radiation int          `json:"radiation"`
	Requested bool         `json:"requested"`
	Modifiers []string     `json:"modifiers,omitempty"`
	Place     string       `json:"whyHere"`
}

type explanation struct {
	Sources []rules.Source `json:"sources"`
	Options []line         `json:"options"`
}

// explain tells why the advice reads as it does.
func (s *Service) explain(a rules.Advice) explanation {
	out := explanation{Sources: a.Sources}
	for i, o := range a.Options {
		p, _ := s.rules.Procedure(o.Procedure)
		l := line{
			Procedure: o.Procedure, Label: p.Display, Votes: o.From, Merged: o.Merged, Final: o.Score, Radiation: o.Radiation,
			Requested: o.Requested, Modifiers: o.Notes, Place: "first",
		}
		if i > 0 {
			l.Place = whyAfter(a.Options[i-1], o)
		}
		out.Options = append(out.Options, l)
	}
	return out
}

func whyAfter(before, o rules.Scored) string {
	switch {
	case o.Score == rules.NoScore && before.Score != rules.NoScore:
		return "it has no score, and those come last"
	case before.Score != o.Score:
		return fmt.Sprintf("score %d is lower than %d", o.Score, before.Score)
	case before.Radiation != o.Radiation:
		return fmt.Sprintf("same score; radiation %d is more than %d", o.Radiation, before.Radiation)
	case len(before.From) != len(o.From):
		return fmt.Sprintf("same score and radiation; named by %d indications, not %d", len(o.From), len(before.From))
	default:
		return "same score, radiation and votes; it stands later in the rule table"
	}
}
