// Package chance is the only source of randomness: identifiers, blinding and
// secrets come from a tenant's Source, which is either the system's generator
// or, when the sandbox runs with -seed, a stream that repeats byte for byte.
package chance

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	mrand "math/rand/v2"
	"sync"
)

// Source is a random stream, safe for concurrent use. Read never fails and
// always fills its argument.
type Source struct {
	mu     sync.Mutex
	stream io.Reader
	seeded bool
	key    [32]byte
}

// System returns a source that reads the operating system's generator.
func System() *Source { return &Source{} }

// Seeded returns a stream that depends only on seed and name. It is ChaCha8
// keyed with SHA-256(seed ‖ name); it repeats and must never protect a secret.
func Seeded(seed uint64, name string) *Source {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	key := sha256.Sum256(append(b[:], name...))
	return &Source{stream: mrand.NewChaCha8(key), seeded: true, key: key}
}

// Restart begins a seeded stream anew; it does nothing to the system's.
func (s *Source) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seeded {
		s.stream = mrand.NewChaCha8(s.key)
	}
}

// Continue moves a seeded stream to one of its branches, which shares nothing
// with the trunk or with other branches: identifiers drawn from it are new even
// in a world that keeps what the trunk has given. Restart goes back to the
// trunk. The system's generator needs no branches.
func (s *Source) Continue(branch string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seeded {
		s.stream = mrand.NewChaCha8(sha256.Sum256(append(s.key[:], branch...)))
	}
}

// IsSeeded tells whether the stream repeats from run to run.
func (s *Source) IsSeeded() bool { return s.seeded }

// Read fills p.
func (s *Source) Read(p []byte) (int, error) {
	if !s.seeded {
		return io.ReadFull(rand.Reader, p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return io.ReadFull(s.stream, p)
}

// Bytes returns n random bytes.
func (s *Source) Bytes(n int) []byte {
	b := make([]byte, n)
	if _, err := s.Read(b); err != nil {
		panic("chance: the system's random generator failed: " + err.Error())
	}
	return b
}

// UUID returns a random UUID (RFC 9562 version 4) in lower case.
func (s *Source) UUID() string {
	b := s.Bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// Token returns n random bytes in base64url without padding.
func (s *Source) Token(n int) string {
	return base64.RawURLEncoding.EncodeToString(s.Bytes(n))
}

// Uint64n returns a uniform number below n; n must not be 0.
func (s *Source) Uint64n(n uint64) uint64 {
	limit := -n % n // first value of the incomplete last range
	for {
		v := binary.BigEndian.Uint64(s.Bytes(8))
		if v >= limit {
			return v % n
		}
	}
}
