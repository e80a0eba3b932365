package pss

// The JSON of door A, as the web components read it. Member order is that of
// the published examples.

type translation struct {
	NL string `json:"nl"`
	FR string `json:"fr"`
	DE string `json:"de"`
	EN string `json:"en"`
}

type autocompleteOption struct {
	Value string      `json:"value"`
	Label translation `json:"label"`
}

type supportResponse struct {
	ExchangeID     string          `json:"exchangeId"`
	Request        supportRequest  `json:"request"`
	SupportOptions []supportOption `json:"supportOptions"`
	Conclusions    []conclusion    `json:"conclusions"`
	EvidenceURL    *codedValue     `json:"evidenceUrl,omitempty"`
}

type supportRequest struct {
	ExchangeID  string           `json:"exchangeId"`
	Indications []namedIndicator `json:"indications"`
}

type namedIndicator struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type supportOption struct {
	// ID is the procedure code: the component finds the prescribed exam by it.
	ID              string         `json:"id"`
	Score           int            `json:"score"`
	Instruction     codedValue     `json:"instruction"`
	EvidenceSummary *codedValue    `json:"evidenceSummary,omitempty"`
	Medications     []medication   `json:"medications"`
	Metadata        map[string]any `json:"supportOptionMetadata"`
}

type medication struct {
	ID       string     `json:"id"`
	Code     codedValue `json:"code"`
	VMPGroup string     `json:"vmpGroup,omitempty"`
}

type codedValue struct {
	ID           string           `json:"id"`
	System       string           `json:"system"`
	Code         string           `json:"code"`
	Translations []codedTranslate `json:"translations"`
	Version      string           `json:"version,omitempty"`
}

// codedTranslate holds the language in capitals: the component looks for
// exactly NL or FR, and prints nothing when neither is there.
type codedTranslate struct {
	Language string `json:"language"`
	Value    string `json:"value"`
}

type conclusion struct {
	SupportOptionID       string `json:"supportOptionId"`
	ReasonOfDeviation     string `json:"reasonOfDeviation,omitempty"`
	ReasonOfDeviationText string `json:"reasonOfDeviationText,omitempty"`
}

func bothLanguages(nl, fr string) []codedTranslate {
	return []codedTranslate{{"NL", nl}, {"FR", fr}}
}
