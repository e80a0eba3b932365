package pss

import (
	"net/http"
	"strconv"
	"strings"
)

// language picks nl, fr, de or en from Accept-Language, whatever its case. PSS
// serves Dutch and French; German and English exist for procedure labels.
// Absent or without any of these, the answer is Dutch.
func language(r *http.Request) string {
	best, weight := "nl", 0.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		switch primary {
		case "nl", "fr", "de", "en":
			if q > weight {
				best, weight = primary, q
			}
		}
	}
	return best
}

// text is a sentence in the languages PSS and its testers read.
type text struct{ nl, fr, en string }

// in gives the sentence in lang; German readers get the English one.
func (t text) in(lang string) string {
	switch lang {
	case "nl":
		return t.nl
	case "fr":
		return t.fr
	default:
		return t.en
	}
}

// invented is what the sandbox adds to every text that accompanies a score.
func invented() text {
	return text{
		nl: "verzonnen scores, niet voor zorg",
		fr: "scores inventés, pas pour les soins",
		en: "invented scores, not for care",
	}
}

// radiologyDisclaimer and antimicrobialDisclaimer must be shown to users.
func radiologyDisclaimer() text {
	return text{
		nl: "Het advies steunt op ESR iGuide, geldt alleen voor vergelijkbare toepassingen en ondersteunt het oordeel van voorschrijver en radioloog zonder het te vervangen",
		fr: "L'avis s'appuie sur ESR iGuide, ne vaut que pour des usages comparables et soutient le jugement du prescripteur et du radiologue sans le remplacer",
		en: "The advice rests on ESR iGuide, serves only comparable fields of use, and supports but does not replace the judgement of prescriber and radiologist",
	}
}

func antimicrobialDisclaimer() text {
	return text{
		nl: "Het advies steunt op de BAPCOC-gids voor de ambulante praktijk, geldt alleen voor vergelijkbare toepassingen en ondersteunt het oordeel van de voorschrijver zonder het te vervangen",
		fr: "L'avis s'appuie sur le guide BAPCOC pour la pratique ambulatoire, ne vaut que pour des usages comparables et soutient le jugement du prescripteur sans le remplacer",
		en: "The advice rests on the BAPCOC guide for ambulatory care, serves only comparable fields of use, and supports but does not replace the judgement of the prescriber",
	}
}

// with joins a text and the sandbox's own sentence.
func (t text) with(o text) text {
	join := func(a, b string) string { return a + " (" + b + ")" }
	return text{join(t.nl, o.nl), join(t.fr, o.fr), join(t.en, o.en)}
}
