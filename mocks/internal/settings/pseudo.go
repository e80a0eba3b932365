package settings

// pseudoTable holds what the pseudonymisation service leaves open to the
// sandbox. The two bases name the acceptance environment: audience and jku are
// identifiers that stand in stored strings, so they never follow the request.
func pseudoTable() []Setting {
	return []Setting{
		{Name: "pseudo-audience-base", Default: "https://api-acpt.ehealth.fgov.be/pseudo/v1", Help: "what the audience of every domain starts with; /domains/<key> follows"},
		{Name: "pseudo-jku-base", Default: "https://api-acpt.ehealth.fgov.be", Help: "what the URLs of the owners' keys in domain documents start with"},
		{Name: "pseudo-group", Default: "p521", Values: []string{"p521", "circl"}, PerTenant: true, Help: "P-521 arithmetic: our own, or the reference implementation of cloudflare/circl"},
	}
}
