package settings

// terminologyTable holds what the terminology server leaves open. SNOMED CT is
// licensed: a release comes from the user's own files.
func terminologyTable() []Setting {
	return []Setting{
		{Name: "tx-rf2", Short: "rf2", Kind: List, Help: "SNOMED CT releases to load: RF2 zip files or folders, or files written by import-rf2"},
		{Name: "tx-rf2-version", Help: "version URI of the RF2 release, when it cannot be told from the files"},
		{Name: "tx-rf2-inactive-descriptions", Kind: Bool, Default: "true", Help: "keep inactive descriptions of imported releases, for display checks and ECL {{ D active = 0 }}; false = smaller index"},
		{Name: "tx-index-dir", Help: "folder for the index files of imported releases; empty = beside the release, or the system's cache folder"},
		{Name: "tx-default-edition", Help: "SNOMED CT edition or version URI used when none is asked for; empty = Belgian, else International, else the only one"},
		{Name: "tx-resources", Help: "folder with CodeSystem, ValueSet and ConceptMap resources (JSON) or FHIR packages (.tgz) to load at start"},
		{Name: "tx-readonly", Kind: Bool, Default: "false", PerTenant: true, Help: "refuse create, update and delete of terminology resources"},
		{Name: "tx-require-token", Kind: Bool, Default: "false", PerTenant: true, Help: "ask for any valid sandbox token, as the national server does"},
		{Name: "tx-max-expansion", Kind: Int, Default: "1000", PerTenant: true, Help: "most codes of an expansion without count"},
		{Name: "tx-snowstorm-paging", Kind: Bool, Default: "false", PerTenant: true, Help: "refuse offsets that are no multiple of count, as Snowstorm does"},
		{Name: "tx-fragment", Default: "warn", Values: []string{"warn", "reject"}, PerTenant: true, Help: "an unknown SNOMED CT code while only the built-in fragment is loaded: valid with a warning, or invalid"},
		{Name: "tx-postcoordination", Default: "evaluate", Values: []string{"evaluate", "refuse"}, Help: "post-coordinated SNOMED CT expressions when a release is loaded: judged by their structure and the concept model, or never valid"},
		{Name: "tx-version-parameter", Default: "implicit", Values: []string{"implicit", "always", "never"}, PerTenant: true, Help: "expansion parameter version beside used-codesystem: for SNOMED CT URLs only, as HL7's tooling wants, or always"},
		{Name: "tx-native", Kind: Bool, Default: "false", PerTenant: true, Help: "offer Snowstorm's own REST paths (/browser, /MAIN, /multisearch, …)"},
		{Name: "tx-dialects", Kind: List, Help: "further languages: tag=reference set id, before the built-in table (nl-BE=31000172101)"},
		{Name: "tx-icd10be", Default: "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/icd-10-be", Help: "code system URL of the targets of the Belgian ICD-10-BE map"},
		{Name: "tx-ecl-cache", Kind: Int, Default: "64", Help: "MiB of memory for results of expression constraints"},
		{Name: "tx-timeout", Kind: Duration, Default: "30s", PerTenant: true, Help: "longest time of one terminology request"},
		{Name: "tx-syndication-secret", Help: "secret that PUT /syndication/import must carry; empty = any"},
	}
}
