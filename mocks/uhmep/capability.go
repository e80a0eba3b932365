package uhmep

import (
	"net/http"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

type object = map[string]any

const (
	eReferralStructure = "https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/"
	pseudoVersions     = "https://www.ehealth.fgov.be/standards/fhir/infsec/CodeSystem/be-cs-pseudonymization-version"
	operationBase      = "https://www.ehealth.fgov.be/standards/fhir/referral/OperationDefinition/"
)

// capability is GET /metadata: public, without tracing headers.
func (s *Service) capability(r *http.Request) (any, error) {
	if err := acceptable(r); err != nil {
		return nil, err
	}
	t := tenant.From(r.Context())
	read := interactions("read")
	versions := interactions("create", "read", "vread", "history-instance", "patch", "search-type")
	return &respond.Response{Status: http.StatusOK, Body: object{
		"resourceType": "CapabilityStatement",
		"status":       "active",
		"date":         longDate(t.Clock.Now()),
		"publisher":    "eHealth sandbox (not an authority)",
		"kind":         "instance",
		"software":     object{"name": "eHealth sandbox: UHMEP"},
		"implementation": object{
			"description": "A sandbox with synthetic data that emulates the UHMEP / eReferral FHIR API. Not for production, no real patients.",
			"url":         base(r),
		},
		"fhirVersion": "4.0.1",
		"format":      []string{"application/fhir+json"},
		"patchFormat": []string{"application/fhir+json"},
		"implementationGuide": []string{
			"https://www.riziv-inami.be/standards/fhir/ereferral/ImplementationGuide/hl7.fhir.be.ereferral",
		},
		"rest": []object{{
			"mode": "server",
			"security": object{
				"cors": true,
				"service": []object{
					{"coding": []object{{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "OAuth"}}},
					{"coding": []object{{"system": pseudoVersions, "code": pseudoVersion2}}},
					{"coding": []object{{"system": pseudoVersions, "code": encryptedVersion1}}},
				},
			},
			"resource": []object{
				{
					"type": "ServiceRequest",
					"supportedProfile": []string{eReferralStructure + "ereferral-servicerequest-nursing", eReferralStructure + "ereferral-annex-81",
						eReferralStructure + "ereferral-servicerequest-diagnosticimaging"},
					"interaction": versions, "versioning": "versioned", "readHistory": true, "updateCreate": false,
					"conditionalCreate": true, "conditionalDelete": "not-supported",
					"searchInclude":    []string{"ServiceRequest:requester", "ServiceRequest:replaces"},
					"searchRevInclude": []string{"Task:focus"},
					"searchParam":      requestParameters(),
					"operation": []object{
						{"name": "graph", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-graph"},
						{"name": "approve", "definition": operationBase + "be-op-approve-annex81"},
						{"name": "reject", "definition": operationBase + "be-op-reject-annex81"},
					},
				},
				{
					"type":             "Task",
					"supportedProfile": []string{referralTaskProfile, performerTaskProfile, organizationTaskProfile},
					"interaction":      append(versions, object{"code": "delete"}),
					"versioning":       "versioned", "readHistory": true, "updateCreate": false, "conditionalCreate": false,
					"searchParam": []object{
						{"name": "focus", "type": "reference", "documentation": "mandatory"},
						{"name": "_profile", "type": "uri"}, {"name": "status", "type": "token"}, {"name": "owner", "type": "reference"},
					},
				},
				{"type": "Practitioner", "interaction": read},
				{"type": "PractitionerRole", "interaction": read},
				{"type": "Organization", "interaction": read},
			},
		}},
	}}, nil
}

func interactions(codes ...string) []object {
	out := make([]object, 0, len(codes)+1)
	for _, c := range codes {
		out = append(out, object{"code": c})
	}
	return out
}

func requestParameters() []object {
	row := func(name, kind, text string) object {
		o := object{"name": name, "type": kind}
		if text != "" {
			o["documentation"] = text
		}
		return o
	}
	return []object{
		row("patient", "reference", "pseudonym in transit, "+pseudonymURN+"…"),
		row("status", "token", "comma means or"),
		row("statusReason", "token", ""),
		row("_has:Task:focus:status", "special", "with _profile: the kind of task; without: the referral task"),
		row("_has:Task:focus:owner", "special", "PractitionerRole or Organization"),
		row("requester", "reference", ""),
		row("code", "token", "code of the request or of its template"),
		row("category", "token", ""),
		row("intent", "token", ""),
		row("identifier", "token", "short code, only with patient"),
		row("authored", "date", ""),
		row("_id", "token", ""),
		row("_lastUpdated", "date", ""),
	}
}
