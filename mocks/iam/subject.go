package iam

import "crypto/x509/pkix"

// ownerSubject is the subject of a sandbox certificate: laid out like those of
// eHealth, and saying that it is not one.
func ownerSubject(typ, identifier, applicationID string) pkix.Name {
	name := typ + "=" + identifier
	if applicationID != "" {
		name += ", " + applicationID
	}
	return pkix.Name{Country: []string{"BE"}, Organization: []string{"eHealth " + notForProduction}, OrganizationalUnit: []string{typ + "=" + identifier}, CommonName: name}
}
