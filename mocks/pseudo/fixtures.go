package pseudo

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/go-jose/go-jose/v4"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// fixtureFile is pseudo/domains.yaml.
type fixtureFile struct {
	Owners  []ownerRow  `yaml:"owners"`
	Domains []domainRow `yaml:"domains"`
}

// ownerRow is one owner whose private key the sandbox holds.
type ownerRow struct {
	Name          string `yaml:"name"`
	Type          string `yaml:"type"`
	Identifier    string `yaml:"identifier"`
	ApplicationID string `yaml:"application_id"`
	KID           string `yaml:"kid"`
	Key           string `yaml:"key"`
}

// domainRow is one domain as the fixture and the store hold it.
type domainRow struct {
	Key         string         `yaml:"key" json:"key"`
	Description string         `yaml:"description" json:"description"`
	Audience    string         `yaml:"audience" json:"audience,omitempty"` // "" is made of the setting
	Multiplier  string         `yaml:"multiplier" json:"multiplier"`
	BufferSize  int            `yaml:"buffer_size" json:"buffer_size"`
	TimeToLive  string         `yaml:"time_to_live" json:"time_to_live"`
	Owners      []string       `yaml:"owners" json:"owners,omitempty"`
	Foreign     []foreignOwner `yaml:"-" json:"foreign,omitempty"`
	SecretKeys  []secretRow    `yaml:"secret_keys" json:"secret_keys"`
	Access      []accessRow    `yaml:"access" json:"access,omitempty"`
}

type secretRow struct {
	KID    string `yaml:"kid" json:"kid"`
	Secret string `yaml:"secret" json:"secret"`
	Active bool   `yaml:"active" json:"active"`
}

// accessRow lets an operation be used by tokens with one of the roles.
type accessRow struct {
	Operation   string     `yaml:"operation" json:"operation"` // pseudonymize, identify or convert
	Group       string     `yaml:"group" json:"group,omitempty"`
	Description string     `yaml:"description" json:"description,omitempty"`
	Claims      []claimRow `yaml:"claims" json:"claims"`
}

type claimRow struct {
	Client string `yaml:"client" json:"client"`
	Role   string `yaml:"role" json:"role"`
}

// foreignOwner is an owner that keeps its private key to itself: a user's own.
type foreignOwner struct {
	JKU  string             `json:"jku"`
	JWKS jose.JSONWebKeySet `json:"jwks"`
}

var domainKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$`)

// Validate implements world.Validator.
func (f *fixtureFile) Validate() error {
	var all error
	owners := map[string]bool{}
	for i, o := range f.Owners {
		if o.Name == "" || o.Type == "" || o.Identifier == "" || o.ApplicationID == "" || o.KID == "" || o.Key == "" {
			all = errors.Join(all, &world.PathError{Path: "owners." + strconv.Itoa(i), Text: "name, type, identifier, application_id, kid and key are needed"})
		}
		owners[o.Name] = true
	}
	seen := map[string]bool{}
	for i, d := range f.Domains {
		at := "domains." + strconv.Itoa(i)
		if _, err := parseDomain(d); err != nil {
			all = errors.Join(all, &world.PathError{Path: at, Text: err.Error()})
		}
		if seen[d.Key] {
			all = errors.Join(all, &world.PathError{Path: at + ".key", Text: "the key " + d.Key + " is taken"})
		}
		seen[d.Key] = true
		for _, o := range d.Owners {
			if !owners[o] {
				all = errors.Join(all, &world.PathError{Path: at + ".owners", Text: "there is no owner " + o})
			}
		}
	}
	return all
}

// parseDomain checks a row and derives what calculations need.
func parseDomain(row domainRow) (*domain, error) {
	if !domainKey.MatchString(row.Key) {
		return nil, fmt.Errorf("key is %q: use letters, digits, _ . - (64 at most)", row.Key)
	}
	d := &domain{row: row, keys: map[string]client.Key{}}
	raw, err := base64.StdEncoding.DecodeString(row.Multiplier)
	if err != nil {
		return nil, errors.New("multiplier is not base64")
	}
	if d.k, err = ecgroup.NewScalar(raw); err != nil {
		return nil, fmt.Errorf("multiplier: %w", err)
	}
	d.inverse = d.k.Inverse()
	if row.BufferSize < 1 || row.BufferSize > 32 {
		return nil, fmt.Errorf("buffer_size is %d: use 1 to 32", row.BufferSize)
	}
	if d.lifetime, err = client.ParseDuration(row.TimeToLive); err != nil {
		return nil, fmt.Errorf("time_to_live: %w", err)
	}
	active := 0
	for _, s := range row.SecretKeys {
		secret, err := base64.RawURLEncoding.DecodeString(s.Secret)
		if err != nil {
			return nil, fmt.Errorf("secret of %s is not base64url", s.KID)
		}
		k, err := client.NewKey(s.KID, secret)
		if err != nil {
			return nil, err
		}
		if _, twice := d.keys[s.KID]; twice || s.KID == "" {
			return nil, fmt.Errorf("kid %q is empty or taken", s.KID)
		}
		d.keys[s.KID] = k
		if s.Active {
			active++
			d.active = k
		}
	}
	if active != 1 {
		return nil, fmt.Errorf("%d secret keys are active: one must be", active)
	}
	for _, a := range row.Access {
		if a.Operation != opPseudonymize && a.Operation != opIdentify && a.Operation != opConvert {
			return nil, fmt.Errorf("operation is %q: use %s, %s or %s", a.Operation, opPseudonymize, opIdentify, opConvert)
		}
	}
	return d, nil
}

// owner is an owner with its opened key pair.
type owner struct {
	row         ownerRow
	private     *rsa.PrivateKey
	certificate *x509.Certificate
	jwk         jose.JSONWebKey // public, with x5c and x5t#S256
	pem         []byte
}

func loadOwner(fsys fs.FS, row ownerRow) (*owner, error) {
	raw, err := fs.ReadFile(fsys, "pseudo/"+row.Key)
	if err != nil {
		return nil, fmt.Errorf("read the key of owner %s: %w", row.Name, err)
	}
	o := &owner{row: row, pem: raw}
	for rest := raw; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		switch block.Type {
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("pseudo/%s: %w", row.Key, err)
			}
			o.private, _ = k.(*rsa.PrivateKey)
		case "CERTIFICATE":
			if o.certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
				return nil, fmt.Errorf("pseudo/%s: %w", row.Key, err)
			}
		}
	}
	if o.private == nil || o.certificate == nil {
		return nil, fmt.Errorf("pseudo/%s: want a PKCS#8 RSA key and a certificate", row.Key)
	}
	if !o.private.PublicKey.Equal(o.certificate.PublicKey) {
		return nil, fmt.Errorf("pseudo/%s: the certificate is of another key", row.Key)
	}
	sum := sha256.Sum256(o.certificate.Raw)
	o.jwk = jose.JSONWebKey{Key: &o.private.PublicKey, KeyID: row.KID, Use: "enc", Algorithm: "RSA-OAEP-256",
		Certificates: []*x509.Certificate{o.certificate}, CertificateThumbprintSHA256: sum[:]}
	return o, nil
}
