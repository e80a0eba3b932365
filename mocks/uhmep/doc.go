// Package uhmep stands for the FHIR R4 API of the UHMEP / eReferral platform
// under /uhmep/v1: prescriptions and proposals (ServiceRequest), their referral,
// performer and organisation Tasks, $graph, $approve and $reject.
//
// It follows the eReferral implementation guide 2.0.0 and the integration
// guide 3.0. What both leave open is a choice of the sandbox and said so where
// it is made; docs/uhmep.md lists the choices.
//
// The parts: package check judges what clients send; workflow is the state
// machine as pure functions; access is the matrix of rights; records keeps
// documents, versions and indexes; query reads search parameters. This package
// joins them: operations that can be called without HTTP (Create, Assign,
// Start, Search …, methods of Service that take a context with a tenant and a
// Caller), and the handlers that put them on the wire.
//
// Another face of the same documents (the REST back end of the web components)
// calls CallerOf for its token, then Create, Assign, Transfer, Start, Finish,
// Interrupt, CancelExecution, Complete, Cancel, Evaluate, Search, Document and
// Tasks; Mint turns the stored JSON of a result into what may leave the house,
// OpenKey takes a text key in.
//
//	curl -H "Authorization: Bearer $TOKEN" -H 'From: dev@example.be' -A 'Acme/1.0 Test/1.0' \
//	  http://localhost:8080/uhmep/v1/ServiceRequest/$ID
//
// Not here: decryption (the platform never decrypts), Provenance,
// Communication, subscriptions, XML.
package uhmep
