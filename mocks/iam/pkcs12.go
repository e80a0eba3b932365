package iam

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf16"
)

// Object identifiers of PKCS #12 (RFC 7292), #7, #5 and #9. There is a library
// for PKCS #12, but none that can be had writes the alias of the private key,
// and eHealth's files have the alias "authentication".
func oidData() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} }
func oidKeyBag() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
}
func oidCertBag() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}
}
func oidX509() asn1.ObjectIdentifier       { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1} }
func oidName() asn1.ObjectIdentifier       { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 20} }
func oidLocalKeyID() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 21} }
func oidPBES2() asn1.ObjectIdentifier      { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13} }
func oidPBKDF2() asn1.ObjectIdentifier     { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12} }
func oidHMACSHA256() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9} }
func oidAES256CBC() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
}
func oidSHA256() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1} }

const pfxIterations = 2048

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"tag:0,explicit"`
}

type pfx struct {
	Version  int
	AuthSafe contentInfo
	Mac      pfxMac
}

type pfxMac struct {
	Digest     pfxDigest
	Salt       []byte
	Iterations int
}

type pfxDigest struct {
	Algorithm pkix.AlgorithmIdentifier
	Value     []byte
}

type pfxBag struct {
	ID         asn1.ObjectIdentifier
	Value      asn1.RawValue  `asn1:"tag:0,explicit"`
	Attributes []pfxAttribute `asn1:"set"`
}

type pfxAttribute struct {
	ID     asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type pfxCert struct {
	ID   asn1.ObjectIdentifier
	Data []byte `asn1:"tag:0,explicit"`
}

type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2Params struct {
	KDF, Cipher pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	PRF        pkix.AlgorithmIdentifier
}

// encodePKCS12 makes a key store with one entry, readable by Java (8u301 and
// later), .NET and OpenSSL: the key encrypted with AES-256 (PBES2), the
// certificate in clear, the whole protected by HMAC-SHA-256.
func encodePKCS12(random io.Reader, alias, password string, key any, cert *x509.Certificate) ([]byte, error) {
	b := &pfxBuilder{random: random}
	id := sha1.Sum(cert.Raw)
	attributes := []pfxAttribute{
		{ID: oidName(), Values: []asn1.RawValue{{Tag: asn1.TagBMPString, Bytes: bmp(alias)}}},
		{ID: oidLocalKeyID(), Values: []asn1.RawValue{{Tag: asn1.TagOctetString, Bytes: id[:]}}},
	}
	keyBag := b.bag(oidKeyBag(), b.shroud(key, password), attributes)
	certBag := b.bag(oidCertBag(), b.encode(pfxCert{oidX509(), cert.Raw}), attributes)
	safe := b.encode([]contentInfo{b.data(b.encode([]pfxBag{certBag})), b.data(b.encode([]pfxBag{keyBag}))})
	salt := b.bytes(16)
	mac := hmac.New(sha256.New, pkcs12Key(append(bmp(password), 0, 0), salt, pfxIterations))
	mac.Write(safe)
	out := b.encode(pfx{Version: 3, AuthSafe: b.data(safe), Mac: pfxMac{
		Digest: pfxDigest{pkix.AlgorithmIdentifier{Algorithm: oidSHA256(), Parameters: asn1.NullRawValue}, mac.Sum(nil)},
		Salt:   salt, Iterations: pfxIterations,
	}})
	if b.err != nil {
		return nil, fmt.Errorf("make PKCS #12: %w", b.err)
	}
	return out, nil
}

// pfxBuilder keeps the first error, so that the structure stays readable.
type pfxBuilder struct {
	random io.Reader
	err    error
}

func (b *pfxBuilder) encode(v any) []byte {
	raw, err := asn1.Marshal(v)
	if err != nil && b.err == nil {
		b.err = err
	}
	return raw
}

func (b *pfxBuilder) bytes(n int) []byte {
	p := make([]byte, n)
	if _, err := io.ReadFull(b.random, p); err != nil && b.err == nil {
		b.err = err
	}
	return p
}

func (b *pfxBuilder) data(content []byte) contentInfo {
	return contentInfo{oidData(), explicit(b.encode(content))}
}

func (b *pfxBuilder) bag(id asn1.ObjectIdentifier, value []byte, attributes []pfxAttribute) pfxBag {
	return pfxBag{id, explicit(value), attributes}
}

// explicit wraps an encoded value in context tag 0.
func explicit(raw []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: raw}
}

// shroud encrypts the private key.
func (b *pfxBuilder) shroud(key any, password string) []byte {
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.err = err
		return nil
	}
	salt, iv := b.bytes(16), b.bytes(aes.BlockSize)
	secret, err := pbkdf2.Key(sha256.New, password, salt, pfxIterations, 32)
	if err != nil {
		b.err = err
		return nil
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		b.err = err
		return nil
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	for range pad {
		plain = append(plain, byte(pad))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(plain, plain)
	kdf := pkix.AlgorithmIdentifier{Algorithm: oidPBKDF2(), Parameters: asn1.RawValue{FullBytes: b.encode(pbkdf2Params{
		salt, pfxIterations, pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256(), Parameters: asn1.NullRawValue}})}}
	enc := pkix.AlgorithmIdentifier{Algorithm: oidAES256CBC(), Parameters: asn1.RawValue{FullBytes: b.encode(iv)}}
	return b.encode(encryptedKey{
		pkix.AlgorithmIdentifier{Algorithm: oidPBES2(), Parameters: asn1.RawValue{FullBytes: b.encode(pbes2Params{kdf, enc})}}, plain})
}

// bmp is UTF-16, big endian.
func bmp(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return out
}

// pkcs12Key derives the 32-byte MAC key (RFC 7292 appendix B.2, purpose 3).
func pkcs12Key(password, salt []byte, iterations int) []byte {
	const block = sha256.BlockSize
	diversifier := make([]byte, block)
	for i := range diversifier {
		diversifier[i] = 3
	}
	input := append(fill(salt, block), fill(password, block)...)
	sum := sha256.Sum256(append(diversifier, input...))
	for range iterations - 1 {
		sum = sha256.Sum256(sum[:])
	}
	return sum[:] // one round gives all 32 bytes that are needed
}

// fill repeats p up to the next multiple of block bytes.
func fill(p []byte, block int) []byte {
	if len(p) == 0 {
		return nil
	}
	size := (len(p) + block - 1) / block * block
	out := make([]byte, 0, size)
	for len(out) < size {
		out = append(out, p[:min(len(p), size-len(out))]...)
	}
	return out
}
