package check

import (
	"io/fs"
)

// Codes answers membership questions from the terminology of the sandbox.
type Codes interface {
	// Member says whether a value set holds a code; known is false when the value set is not known here.
	Member(valueSet, system, code string) (member, known bool)
	// CodeSystemHas says whether a code system has a code; known is false when the system is not known here.
	CodeSystemHas(system, code string) (has, known bool)
}

// Config is what a Checker is made of. Fixtures is the root of the fixtures tree (uhmep/profiles/*.yaml, uhmep/templates.yaml).
type Config struct {
	Fixtures fs.FS
	Codes    Codes
}
