package iam

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

func (s *Service) listClients(c *call) (any, error) {
	list, err := s.Clients(c.t, c.realm)
	if list == nil {
		list = []*Client{}
	}
	return list, err
}

func (s *Service) namedClient(c *call) (*Client, error) {
	id := c.pathVar("client_id")
	client, err := s.lookup(c.t, c.realm, id)
	if err != nil {
		return nil, err
	}
	if client == nil {
		return nil, notFound("client", id, s.nearMiss(c.t, c.realm, id))
	}
	return client, nil
}

func (s *Service) getClient(c *call) (any, error) {
	client, err := s.namedClient(c)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// registrationAnswer is a registration as it was taken, and what eHealth
// would say about the form.
type registrationAnswer struct {
	Client *Client `json:"client"`
	Review *review `json:"review"`
}

// putClient takes a registration form; one form per client, the same for new
// ones and updates. Nothing is stored when the form is refused.
func (s *Service) putClient(c *call) (any, error) {
	client := &Client{}
	if err := c.readJSON(client); err != nil {
		return nil, err
	}
	id := c.pathVar("client_id")
	if client.Realm == "" {
		client.Realm = c.realm
	}
	if client.ClientID == "" {
		client.ClientID = id
	}
	if client.Realm != c.realm || client.ClientID != id {
		return nil, badBody("realm and client_id in the body and in the path differ", client.Realm+"/"+client.ClientID, c.realm+"/"+id)
	}
	r := s.review(client)
	if len(r.Errors) > 0 {
		f := badBody("the registration would be refused: "+strings.Join(r.Errors, "; "), "", "a form without errors")
		f.Code, f.Rule, f.Detail = "registration-refused", "iam-3-form", r
		return nil, f
	}
	before, err := s.lookup(c.t, c.realm, id)
	if err != nil {
		return nil, err
	}
	err = c.t.Store.Update(func(w store.Writer) error {
		return store.PutJSON(w, clientKey(c.realm, id), storedClient{Client: client})
	})
	if err != nil {
		return nil, err
	}
	status := http.StatusCreated
	if before != nil {
		status = http.StatusOK
	}
	return &respond.Response{Status: status, Body: registrationAnswer{client, r}}, nil
}

func (s *Service) deleteClient(c *call) (any, error) {
	client, err := s.namedClient(c)
	if err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusNoContent}, c.t.Store.Update(func(w store.Writer) error {
		return store.PutJSON(w, clientKey(c.realm, client.ClientID), storedClient{Deleted: true})
	})
}

// clientPrivateKey hands out the key of a seeded client: PEM, or a JWK when
// the caller accepts JSON. It is public on purpose.
func (s *Service) clientPrivateKey(c *call) (any, error) {
	client, err := s.namedClient(c)
	if err != nil {
		return nil, err
	}
	ref := client.Credentials.Certificate
	if ref == nil {
		return nil, notFound("private-key", client.ClientID, "a client whose certificate the sandbox issued")
	}
	for _, cert := range s.certs {
		if cert.Type != ref.Type || cert.Identifier != ref.Identifier || cert.Use == "enc" ||
			(ref.ApplicationID != "" && ref.ApplicationID != cert.ApplicationID) {
			continue
		}
		return s.privateKeyAnswer(c, cert)
	}
	return nil, notFound("private-key", ref.Type+"="+ref.Identifier, "a seeded certificate; the sandbox keeps no private keys of others")
}

func (s *Service) privateKeyAnswer(c *call, cert SeedCertificate) (any, error) {
	key, err := s.ring.file("iam/" + cert.Key)
	if err != nil {
		return nil, err
	}
	if strings.Contains(c.r.Header.Get("Accept"), "json") {
		return jose.JSONWebKey{Key: key, KeyID: cert.Kid, Use: "sig", Algorithm: "RS256"}, nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return &respond.Response{Status: http.StatusOK, ContentType: "application/x-pem-file", Body: block,
		Header: http.Header{"X-Key-Id": {cert.Kid}}}, nil
}
