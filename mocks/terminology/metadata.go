package terminology

import (
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
	"net/http"
	"slices"
)

const (
	featureURL = "http://hl7.org/fhir/uv/application-feature/StructureDefinition/feature"
	sctNotice  = "SNOMED CT® is © and ® SNOMED International. Its use needs an Affiliate Licence; in Belgium it is free of charge through MLDS."
)

// metadata answers /metadata in its three modes.
func (s *Service) metadata(c *call) (any, error) {
	if c.query.Get("mode") == "terminology" {
		return s.terminologyCapabilities(c), nil
	}
	return s.capabilities(c), nil
}

// versions answers $versions: the FHIR versions of this end point.
func (s *Service) versions(*call) (any, error) {
	return tx.Object{"resourceType": "Parameters", "parameter": []any{
		tx.Object{"name": "version", "valueString": "4.0"}, tx.Object{"name": "default", "valueString": "4.0"}}}, nil
}

func feature(definition, kind string, value any) tx.Object {
	return tx.Object{"url": featureURL, "extension": []any{
		tx.Object{"url": "definition", "valueCanonical": "http://hl7.org/fhir/uv/tx-ecosystem/FeatureDefinition/" + definition},
		tx.Object{"url": "value", "value" + kind: value}}}
}

func (s *Service) capabilities(c *call) tx.Object {
	now := tenant.From(c.r.Context()).Clock.Now().UTC().Format("2006-01-02")
	operation := func(name, definition string) tx.Object {
		return tx.Object{"name": name, "definition": definition}
	}
	ops := map[string][]any{
		"CodeSystem": {operation("lookup", "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup"), operation("validate-code", "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code"),
			operation("subsumes", "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes"), operation("batch-validate-code", "http://hl7.org/fhir/tools/OperationDefinition/CodeSystem-batch-validate-code")},
		"ValueSet": {operation("expand", "http://hl7.org/fhir/OperationDefinition/ValueSet-expand"), operation("validate-code", "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code"),
			operation("batch-validate-code", "http://hl7.org/fhir/tools/OperationDefinition/ValueSet-batch-validate-code")},
		"ConceptMap": {operation("translate", "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate")},
	}
	params := map[string][]string{
		"CodeSystem":   {"url:uri", "version:token", "name:string", "title:string", "status:token", "description:string", "publisher:string", "date:date", "identifier:token", "code:token", "system:uri"},
		"ValueSet":     {"url:uri", "version:token", "name:string", "title:string", "status:token", "description:string", "publisher:string", "date:date", "identifier:token", "reference:uri"},
		"ConceptMap":   {"url:uri", "version:token", "name:string", "title:string", "status:token", "description:string", "publisher:string", "date:date", "identifier:token", "source-system:uri", "target-system:uri"},
		"NamingSystem": {"name:string", "status:token"},
	}
	var resources, allOps []any
	for _, typ := range resourceTypes() {
		interactions := []any{tx.Object{"code": "read"}, tx.Object{"code": "search-type"}}
		if typ != "NamingSystem" {
			interactions = append(interactions, tx.Object{"code": "create"}, tx.Object{"code": "update"}, tx.Object{"code": "delete"})
		}
		var search []any
		for _, p := range append([]string{"_id:token"}, params[typ]...) {
			for i := range p {
				if p[i] == ':' {
					search = append(search, tx.Object{"name": p[:i], "type": p[i+1:]})
				}
			}
		}
		r := tx.Object{"type": typ, "profile": "http://hl7.org/fhir/StructureDefinition/" + typ, "interaction": interactions, "versioning": "no-version", "readHistory": false,
			"updateCreate": typ != "NamingSystem", "searchParam": search}
		if len(ops[typ]) > 0 {
			r["operation"] = ops[typ]
			allOps = append(allOps, ops[typ]...)
		}
		resources = append(resources, r)
	}
	return tx.Object{
		"resourceType": "CapabilityStatement", "id": "terminology", "url": base(c.r) + "/metadata", "version": "1.0.0", "name": "SandboxTerminology", "title": "eHealth sandbox terminology server",
		"status": "active", "date": now, "publisher": "eHealth sandbox", "kind": "instance", "fhirVersion": "4.0.1", "format": []any{"application/fhir+json", "json"},
		"description":    "FHIR terminology server of the eHealth sandbox: test data, not for care",
		"copyright":      sctNotice,
		"instantiates":   []any{"http://hl7.org/fhir/CapabilityStatement/terminology-server"},
		"software":       tx.Object{"name": "eHealth sandbox", "version": s.version(), "releaseDate": now},
		"implementation": tx.Object{"description": "eHealth sandbox", "url": origin.Of(c.r) + Prefixes()[0]},
		"extension":      []any{tx.Object{"url": featureURL, "extension": []any{tx.Object{"url": "definition", "valueCanonical": "http://hl7.org/fhir/uv/tx-tests/FeatureDefinition/test-version"}, tx.Object{"url": "value", "valueCode": "1.9.5"}}}, feature("CodeSystemAsParameter", "Boolean", true)},
		"rest": []any{tx.Object{"mode": "server", "security": security(c.r), "resource": resources,
			"interaction": []any{tx.Object{"code": "batch"}},
			"operation":   append(allOps, tx.Object{"name": "versions", "definition": "http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions"})}},
	}
}

// security tells that calls are open, or want the access token of the sandbox's IAM.
func security(r *http.Request) tx.Object {
	if !tenant.From(r.Context()).Settings.Bool("tx-require-token") {
		return tx.Object{"cors": true, "description": "open: no token is needed"}
	}
	return tx.Object{"cors": true, "service": []any{tx.Object{"coding": []any{tx.Object{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "OAuth", "display": "OAuth"}}}}}
}

func (s *Service) version() string {
	if s.cfg.Version == "" {
		return "dev"
	}
	return s.cfg.Version
}

func (s *Service) terminologyCapabilities(c *call) tx.Object {
	engine := s.engine(c.r)
	var urls []string
	for _, shelf := range engine.Shelves {
		if shelf == nil {
			continue
		}
		shelf.Each(func(sys tx.System) {
			if u := sys.Info().URL; !slices.Contains(urls, u) {
				urls = append(urls, u)
			}
		})
	}
	var systems []any
	for _, u := range urls {
		var versions []any
		list, byDefault := engine.Offered(u)
		if byDefault == nil { // only supplements
			continue
		}
		for _, sys := range list {
			i := sys.Info()
			if i.Version == "" {
				continue
			}
			v := tx.Object{"code": i.Version, "isDefault": sys == byDefault, "compositional": i.Compositional}
			if list := languagesOf(sys); len(list) > 0 {
				v["language"] = list
			}
			versions = append(versions, v)
		}
		o := tx.Object{"uri": u, "subsumption": byDefault.Info().HasHierarchy}
		if len(versions) > 0 {
			o["version"] = versions
		}
		o["extension"] = []any{tx.Object{"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-TerminologyCapabilities.codeSystem.content", "valueCode": byDefault.Info().Content}}
		systems = append(systems, o)
	}
	var params []any
	for _, p := range []string{"activeOnly", "cache-id", "check-system-version", "count", "displayLanguage", "excludeNested", "force-system-version", "includeDefinition", "includeDesignations", "offset",
		"property", "system-version", "tx-resource", "filter", "designation", "useSupplement", "excludeNotForUI", "excludePostCoordinated", "exclude-system", "url", "valueSet", "valueSetVersion"} {
		params = append(params, tx.Object{"name": p})
	}
	return tx.Object{
		"resourceType": "TerminologyCapabilities", "id": "terminology", "url": base(c.r) + "/metadata?mode=terminology", "version": "1.0.0", "name": "SandboxTerminologyCapabilities",
		"title": "eHealth sandbox terminology server", "status": "active", "date": engine.Now().UTC().Format("2006-01-02"), "publisher": "eHealth sandbox", "kind": "instance",
		"description": "FHIR terminology server of the eHealth sandbox", "copyright": sctNotice,
		"software":       tx.Object{"name": "eHealth sandbox", "version": s.version()},
		"implementation": tx.Object{"description": "eHealth sandbox", "url": origin.Of(c.r) + Prefixes()[0]},
		"lockedDate":     false,
		"codeSystem":     systems,
		"expansion":      tx.Object{"hierarchical": true, "paging": true, "incomplete": true, "parameter": params, "textFilter": "every word of the filter begins some word of one term; case and accents do not count"},
		"codeSearch":     "all",
		"validateCode":   tx.Object{"translations": true},
		"translation":    tx.Object{"needsMap": false},
		"closure":        tx.Object{"translation": false},
	}
}

// languagesOf lists the languages of a code system's terms: of a release those of its descriptions.
func languagesOf(sys tx.System) []any {
	var out []any
	if sct, ok := sys.(*tx.SCT); ok {
		for _, l := range sct.Edition.Languages {
			out = append(out, l)
		}
	} else if l := sys.Info().Language; l != "" {
		out = append(out, l)
	}
	return out
}
