//go:build pins

// Package pins keeps the versions of libraries that later parts import.
package pins

import (
	_ "filippo.io/nistec"
	_ "github.com/chromedp/chromedp"
	_ "github.com/cloudflare/circl/group"
	_ "github.com/coreos/go-oidc/v3/oidc"
	_ "github.com/getkin/kin-openapi/openapi3"
	_ "github.com/go-jose/go-jose/v4"
	_ "github.com/go-jose/go-jose/v4/jwt"
	_ "github.com/google/fhir/go/fhirversion"
	_ "github.com/google/fhir/go/jsonformat"
	_ "github.com/gorilla/mux"
	_ "go.etcd.io/bbolt"
	_ "go.yaml.in/yaml/v3"
)
