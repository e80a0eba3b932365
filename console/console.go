// Package console is the sandbox's own web pages: the landing page that says
// what is running and what to try first. Pages are templates with embedded
// style sheets; they work without any request to another host.
package console

import (
	"embed"
	"html/template"
	"io"
	"io/fs"
)

//go:embed static templates
var files embed.FS

// Policy is the Content-Security-Policy of the pages: nothing is loaded from
// elsewhere, and no script or style stands in the page itself.
const Policy = "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"

// Static holds the style sheets and scripts, to be served below /static/.
func Static() fs.FS {
	sub, err := fs.Sub(files, "static")
	if err != nil {
		panic("console: " + err.Error()) // the directory is embedded
	}
	return sub
}

// Landing is what the landing page shows.
type Landing struct {
	Base          string // origin with tenant prefix
	Tenant        string
	DefaultTenant bool
	Now           string
	Version       string
	Services      []Service
	Personas      []Persona
	Organisations []Organisation
	Steps         []Step
}

// Service is one emulated service.
type Service struct{ Title, URL string }

// Persona is one person to log in as.
type Persona struct {
	Name, FullName, Kind, SSIN string
	NIHII                      []string
	Suspended                  bool
}

// Organisation is one organisation of the realm M2M.
type Organisation struct{ Key, Name, TargetGroup, NIHII, CBE string }

// Pages renders pages; it is made once.
type Pages struct{ landing *template.Template }

// New parses the templates.
func New() (*Pages, error) {
	t, err := template.ParseFS(files, "templates/landing.html")
	if err != nil {
		return nil, err
	}
	return &Pages{landing: t}, nil
}

// Landing writes the landing page.
func (p *Pages) Landing(w io.Writer, v Landing) error { return p.landing.Execute(w, v) }
