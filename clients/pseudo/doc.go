// Package pseudo is a client library for the Belgian eHealth platform's blinded
// pseudonymisation service, for care software written in Go.
//
// The service turns a value (a social security number, an AES key) into a
// pseudonym without seeing either: whatever it is handed was first multiplied
// by a random number that only the caller knows. This package does the
// arithmetic, the encodings and the HTTP calls. It works against the real
// service and against the sandbox; only BaseURL differs.
//
//	client := &pseudo.Client{
//		BaseURL: "https://api-acpt.ehealth.fgov.be/pseudo/v1",
//		Token:   func(ctx context.Context) (string, error) { return accessToken, nil },
//	}
//	domain := client.Domain("uhmep_v1")
//	transit, err := domain.Pseudonymize(ctx, []byte("85042101234"))
//	fmt.Println(transit) // <point>:<transitInfo>
//	value, err := domain.Identify(ctx, transit)
//
// Several values at once go through [Domain.PseudonymizeMultiple] and
// [Domain.IdentifyMultiple], in requests of ten. [Cache] keeps pseudonyms in
// transit until shortly before they expire.
//
// Owners of a domain, who store data under pseudonyms, open the boxes with an
// [Owner]: it yields the [AtRest] form that is the same for ever, and makes
// fresh pseudonyms in transit from it. Texts longer than 32 bytes are encrypted
// with a [TextKey], and the key is pseudonymised.
//
// # Words
//
//   - value: at most 32 bytes (56 technically), mapped to a point of the curve P-521
//   - pseudonym at rest: k·V, only ever seen by owners
//   - pseudonym in transit: t⁻¹·k·V with transitInfo, a short-lived encrypted box holding t
//   - blinded: multiplied by a one-time random r of the caller
//
// Identity is the x coordinate alone: (x, y) and (x, -y) name the same value.
//
// # What is constant-time
//
// Multiplications by secret numbers and arithmetic modulo n are (see
// internal/p521). Mapping a value to a point takes a number of steps that
// depends on the value, as it does in the official helpers.
//
// Sources: the published helpers of Smals (shared-pseudo-helper-js, -java,
// -dotnet), RFC 7516, SEC 1. The package knows nothing of the sandbox.
package pseudo
