// Package keydepot serves public keys of organisations as JWK sets, the way
// the eHealth platform does for eHealth certificates and for its KeyDepot:
//
//	GET /etee/v1/pubKeys/cacerts/jwks?identifier=0406798006&type=CBE&applicationIdentifier=UHMEP&use=enc
//	GET /keydepot/v1/jwks?type=NIHII-HOSPITAL&value=71099911&use=sig
//
// The first is public (Smals' pseudonymisation helpers read it); of the second
// only the query members are, the path is the sandbox's choice. No token is
// asked for.
//
// Keys come from three places: static entries, sources that other services
// offer (seeded certificates, owners of pseudonymisation domains), and what was
// registered at run time, which lies in the tenant's store. I.AM Connect checks
// client assertions with the same registry.
package keydepot
