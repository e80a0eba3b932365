// Package pss emulates Prescription Search Support: advice on radiology and
// antimicrobial prescriptions (PSS API cookbook 1.2; guide hl7.fhir.be.pss).
//
// The service has three doors to the same rule set:
//
//   - A, the JSON facade below /frontend/api/pss that the referral web
//     components call through their back end (facade.go);
//   - B, the FHIR operations PlanDefinition/<name>/$apply and their
//     companions, for integrators with a user interface of their own (apply.go);
//   - C, the JSON behind the antimicrobial web components (components.go).
//
// What is asked and answered is decided in the package rules, from files under
// fixtures/pss. Each answer gets a number, the exchangeId or PSS-ID, under
// which it can be read again; Advice gives it to the services that quote it.
//
//	svc, err := pss.New(pss.Config{Fixtures: fixtures.FS, Settings: values, Verify: iam})
//	svc.Mount(router)
//
// Left out: clinical biology (announced, not specified), XML, and everything
// medical: the scores are invented.
package pss
