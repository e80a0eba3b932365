// Package terminology stands for the FHIR R4 terminology server that Belgian integrators point their clients at: the docker image of
// the National Release Center (a fork of Snowstorm), or a server of their own fed with its content.
//
// It answers $lookup, $validate-code, $subsumes, $expand, $translate, read and search of CodeSystem, ValueSet and ConceptMap, metadata
// and batches below /terminology/fhir and below /fhir, the path of the image. The code systems and value sets of eReferral and PSS are
// built in, with a fragment of SNOMED CT: only codes that public Belgian guides name, with labels of our own. A user's own RF2 release
// takes its place; nothing licensed is shipped or downloaded.
//
//	svc, err := terminology.New(terminology.Config{Registry: reg, Settings: values})
//	svc.Mount(router)
//
// The engine is in tx, SNOMED CT releases in snomed, their import in rf2 and expression constraints in ecl. Left out: XML, $closure,
// transactions, versioned reads.
package terminology
