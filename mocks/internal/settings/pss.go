package settings

// pssTable holds what Prescription Search Support leaves open: most of its
// technical parameters (paths, audience, scope, error list) are not public.
func pssTable() []Setting {
	return []Setting{
		{Name: "pss-fhir-base", Kind: List, Default: "/pss/v1/fhir,/pss/fhir", Help: "paths of the PSS FHIR door; the real path is not public, so paste your own"},
		{Name: "pss-components-base", Kind: List, Default: "/pss/v1", Help: "paths below which /domains/ANTIMICROBIALS answers the antimicrobial components"},
		{Name: "pss-facade-base", Kind: List, Default: "/frontend/api", Help: "paths below which /pss answers the referral components"},
		{Name: "pss-rules", Help: "directory whose rules, more-rules, fallback, modifiers, symptoms, procedures, indications or antimicrobial file (YAML, JSON; rules also CSV) replaces the built-in one"},
		{Name: "pss-more-rules", Kind: Bool, Default: "false", Help: "add invented rules until every indication has advice of its own and no fallback is needed"},
		{Name: "pss-audience", Kind: List, Default: "nihdi-pss-api,nihdi-uhmep-fhir-hcp", PerTenant: true, Help: "audiences accepted by the PSS FHIR door; * accepts any"},
		{Name: "pss-facade-audience", Kind: List, Default: "nihdi-uhmep-fhir-hcp,nihdi-uhmep-fhir-patient", PerTenant: true, Help: "audiences accepted by the PSS calls of the referral components; * accepts any"},
		{Name: "pss-scope", PerTenant: true, Help: "scope the PSS FHIR door asks for; empty asks for none"},
		{Name: "pss-allow-m2m", Kind: Bool, Default: "false", PerTenant: true, Help: "whether organisations may consult PSS; the cookbook only knows people"},
		{Name: "pss-disciplines", Kind: List, Default: "physician,dentist,pharmacist,midwife", PerTenant: true, Help: "disciplines that may consult PSS; * accepts any"},
		{Name: "pss-consent", Default: "off", Values: []string{"off", "required"}, PerTenant: true, Help: "whether a user must have accepted the conditions of PSS first"},
		{Name: "pss-conditions-version", Default: "1", PerTenant: true, Help: "version of the conditions; a new one asks everybody again"},
		{Name: "pss-status", Default: "on", Values: []string{"on", "off"}, PerTenant: true, Help: "off: status false, control 503, FHIR door guidance-unavailable"},
		{Name: "pss-latency", Kind: Duration, Default: "0s", PerTenant: true, Help: "delay of every advice; the real rule engine is remote (at most 30s)"},
		{Name: "pss-consider-info", Kind: Bool, Default: "false", PerTenant: true, Help: "let pregnancy, implants and the like change scores; the real service ignores them"},
		{Name: "pss-link", Default: "lenient", Values: []string{"lenient", "strict"}, PerTenant: true, Help: "a prescription that quotes an unknown PSS number: lenient notes it in the journal, strict refuses it"},
		{Name: "pss-task-input", Default: "canonical", Values: []string{"canonical", "reference"}, PerTenant: true, Help: "how a Task names its Questionnaire: valueCanonical (guide) or valueReference (cookbook)"},
		{Name: "pss-gender", Default: "any-case", Values: []string{"any-case", "lower-case"}, PerTenant: true, Help: "gender of the Patient: the cookbook writes capitals, FHIR does not"},
		{Name: "pss-reason-for-no-score", Kind: Bool, Default: "false", PerTenant: true, Help: "whether choosing an examination without a score (10) needs a reason of deviation"},
		{Name: "pss-retention", Kind: Duration, Default: "2160h", PerTenant: true, Help: "how long a consultation can be read again, on the tenant's clock"},
		{Name: "pss-evidence-url", Default: "https://sandbox.invalid/pss/evidence/{rule}?lang={lang}", PerTenant: true, Help: "evidence link of an advice; self points it at the sandbox's own page"},
	}
}
