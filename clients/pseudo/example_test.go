package pseudo_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"

	"github.com/ehealth-sandbox/sandbox/clients/pseudo"
)

// One value there and back. The token is the initial one of I.AM Connect.
func ExampleDomain_Pseudonymize() {
	ctx := context.Background()
	client := &pseudo.Client{
		BaseURL: "http://localhost:8080/pseudo/v1",
		Token:   func(context.Context) (string, error) { return "ey…", nil },
	}
	domain := client.Domain("uhmep_v1")
	domain.Cache = &pseudo.Cache{}
	transit, err := domain.Pseudonymize(ctx, []byte("85042101234"))
	if err != nil {
		log.Fatal(err)
	}
	value, err := domain.Identify(ctx, transit)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s is the same as %s\n", value, transit)
}

// A free text is encrypted with a key, and the key is pseudonymised.
func ExampleTextKey() {
	key, err := pseudo.NewTextKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	jwe, err := key.Encrypt("Kiné 3x par semaine", rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	text, err := key.Decrypt(pseudo.Encrypted("k-1", jwe))
	fmt.Println(text, err, len(key.Value()))
	// Output: Kiné 3x par semaine <nil> 32
}

// What blinding does: the service sees r·V, which says nothing about V.
func ExampleBlinding() {
	v, err := pseudo.PointOf([]byte("85042101234"), pseudo.DefaultBufferSize)
	if err != nil {
		log.Fatal(err)
	}
	b, err := pseudo.NewBlinding(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	sent, err := b.Blind(v)
	if err != nil {
		log.Fatal(err)
	}
	back, err := b.Unblind(sent)
	if err != nil {
		log.Fatal(err)
	}
	value, err := back.Value(pseudo.DefaultBufferSize)
	fmt.Println(sent.Plausible(pseudo.DefaultBufferSize), string(value), err)
	// Output: false 85042101234 <nil>
}
