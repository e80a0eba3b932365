package codes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
)

// dir is where the data lies inside the fixtures.
const dir = "terminology"

// file is the layout of the JSON files under fixtures/terminology (pss-codes.json has its own).
type file struct {
	Meta          json.RawMessage `json:"_meta"`
	CodeSystems   []fileSystem    `json:"codeSystems"`
	ValueSets     []fileSet       `json:"valueSets"`
	NamingSystems []NamingSystem  `json:"namingSystems"`
	SNOMED        []fileConcept   `json:"snomed"` // labels and is-a links for codes of SNOMED CT
}

type fileSystem struct {
	URL           string        `json:"url"`
	Name          string        `json:"name"`
	Title         string        `json:"title"`
	Status        string        `json:"status"`
	CaseSensitive bool          `json:"caseSensitive"`
	Content       string        `json:"content"`
	Aliases       []string      `json:"aliases"`
	CodePattern   string        `json:"codePattern"`
	Note          string        `json:"note"`
	Sources       []string      `json:"sources"`
	Concepts      []fileConcept `json:"concepts"`
}

type fileConcept struct {
	Code         string            `json:"code"`
	Display      string            `json:"display"`
	Designations map[string]string `json:"designations"`
	Properties   map[string]string `json:"properties"`
	Parents      []string          `json:"parents"`
	Note         string            `json:"note"`
}

type fileSet struct {
	URL        string        `json:"url"`
	Name       string        `json:"name"`
	Status     string        `json:"status"`
	Aliases    []string      `json:"aliases"`
	Note       string        `json:"note"`
	Count      int           `json:"count"`
	BoundAt    []Binding     `json:"boundAt"`
	Include    []fileInclude `json:"include"`
	AlsoAccept []Coding      `json:"alsoAccept"`
}

type fileInclude struct {
	System      string   `json:"system"`
	AllCodes    bool     `json:"allCodes"`
	Concepts    []Coding `json:"concepts"`
	ValueSet    string   `json:"valueSet"`
	SemanticTag string   `json:"semanticTag"`
	CodesOnly   []string `json:"codesOnly"`
	Variant     string   `json:"variant"`
}

// Load reads terminology/*.json of the fixtures. Errors name the file and line.
func Load(fsys fs.FS) (*Registry, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no code lists found", dir)
	}
	sort.Strings(names)
	b := newBuilder()
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if path.Base(name) == "pss-codes.json" {
			var p pssFile
			if err := decode(name, raw, &p, false); err != nil {
				return nil, err
			}
			b.addPSS(&p)
			continue
		}
		var f file
		if err := decode(name, raw, &f, true); err != nil {
			return nil, err
		}
		if err := b.addFile(name, &f); err != nil {
			return nil, err
		}
	}
	return b.finish()
}

var unknownField = regexp.MustCompile(`^json: unknown field "(.*)"$`)

// decode reads JSON and turns the offset of an error into file:line.
func decode(name string, raw []byte, v any, strict bool) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if strict {
		d.DisallowUnknownFields()
	}
	err := d.Decode(v)
	at := d.InputOffset()
	if err == nil {
		if rest := bytes.TrimLeft(raw[at:], " \t\r\n"); len(rest) > 0 {
			err, at = errors.New("something follows the end of the JSON document"), int64(len(raw)-len(rest))
		} else {
			return nil
		}
	}
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil { // the decoder does not tell where
		if loc := regexp.MustCompile(`"` + regexp.QuoteMeta(m[1]) + `"\s*:`).FindIndex(raw); loc != nil {
			at = int64(loc[0])
		}
	}
	var syn *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syn):
		at = syn.Offset
	case errors.As(err, &typ):
		at = typ.Offset
	}
	at = min(max(at, 0), int64(len(raw)))
	return fmt.Errorf("%s:%d: %w", name, 1+bytes.Count(raw[:at], []byte("\n")), err)
}

func (f *fileSystem) system() (*System, error) {
	s := &System{URL: f.URL, Aliases: f.Aliases, Name: f.Name, Title: f.Title, Status: f.Status,
		CaseSensitive: f.CaseSensitive, Content: f.Content, Note: f.Note}
	switch f.Content {
	case ContentComplete, ContentFragment, ContentSandbox:
	default:
		return nil, fmt.Errorf("code system %s: content %q is none of complete, fragment, sandbox-defined", f.URL, f.Content)
	}
	if f.CodePattern != "" {
		re, err := regexp.Compile(f.CodePattern)
		if err != nil {
			return nil, fmt.Errorf("code system %s: codePattern: %w", f.URL, err)
		}
		s.Pattern = re
	}
	for _, c := range f.Concepts {
		if c.Code == "" {
			return nil, fmt.Errorf("code system %s: a concept has no code", f.URL)
		}
		s.Concepts = append(s.Concepts, c.concept())
	}
	return s, nil
}

func (c fileConcept) concept() *Concept {
	display := c.Display
	if display == "" {
		display = c.Code
	}
	return &Concept{Code: c.Code, Display: display, Designations: c.Designations, Properties: c.Properties, Parents: c.Parents}
}
