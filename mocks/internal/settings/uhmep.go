package settings

func uhmepTable() []Setting {
	return []Setting{
		{Name: "uhmep-tracing-headers", Kind: Bool, Default: "true", PerTenant: true,
			Help: "refuse UHMEP calls without User-Agent and From, as the platform does"},
		{Name: "uhmep-strict-templates", Kind: Bool, Default: "false", PerTenant: true,
			Help: "refuse what breaks a business rule the guide leaves to the NIHDI; false warns in the journal"},
		{Name: "uhmep-m2m-audiences", Kind: List, Default: "nihdi-uhmep-fhir-hcp,nihdi-uhmep-api", PerTenant: true,
			Help: "audiences accepted in tokens of organisations"},
	}
}
