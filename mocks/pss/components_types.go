package pss

// The JSON behind the antimicrobial components, after the published examples.

type identifierCode struct {
	ID           string           `json:"id"`
	System       string           `json:"system"` // PSS, PSS_INDICATION, PSS_INSTRUCTION, …
	Code         string           `json:"code"`
	Translations []codedTranslate `json:"translations"`
}

type supportParameters struct {
	SupportParameters []supportParameter `json:"supportParameters"`
}

type supportParameter struct {
	Identifier       identifierCode    `json:"identifier"`
	Exclusive        bool              `json:"exclusive"`
	Mandatory        bool              `json:"mandatory"`
	PatientVariables []patientVariable `json:"patientVariables"`
}

type patientVariable struct {
	Identifier      identifierCode   `json:"identifier"`
	AuthorizedCodes []authorizedCode `json:"authorizedCodes"`
}

type authorizedCode struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type stepCompleted struct {
	ExchangeID     string           `json:"exchangeId"`
	ResponseID     string           `json:"responseId"` // the row that answered
	Request        stepRequest      `json:"request"`
	SupportOptions []supportOption  `json:"supportOptions"`
	ExternalLinks  []externalLink   `json:"externalLinks"`
	Disclaimer     []codedTranslate `json:"disclaimer"`
}

type stepRequest struct {
	Indication             identifierCode   `json:"indication"`
	SupportParameterValues []parameterValue `json:"supportParameterValues"`
	Justification          justification    `json:"justification"`
}

type parameterValue struct {
	Identifier            identifierCode  `json:"identifier"`
	PatientVariableValues []variableValue `json:"patientVariableValues"`
}

// variableValue holds "true" or "false" as text.
type variableValue struct {
	Identifier identifierCode `json:"identifier"`
	Value      string         `json:"value"`
}

type justification struct {
	Decisions []decision `json:"decisions"`
}

type decision struct {
	Inputs       []namedValue `json:"inputs"`
	MatchingRule matchingRule `json:"matchingRule"`
}

type matchingRule struct {
	Conditions []conditionValue `json:"conditions"`
	Conclusion namedValue       `json:"conclusion"`
}

type namedValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type conditionValue struct {
	Value string `json:"value"`
}

type externalLink struct {
	Links  identifierCode `json:"codifiedValueLinks"`
	Labels identifierCode `json:"codifiedValueLabels"`
}
