package records

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// Resource is one stored version of a ServiceRequest or Task. JSON is what a
// reader gets, but for pseudonyms, which stand in it in their stable form (see
// AtRest); it is empty in the tombstone of a deleted Task.
type Resource struct {
	Type, ID string
	Version  int
	Updated  time.Time
	Case     string // id of the ServiceRequest whose document it belongs to
	Deleted  bool
	JSON     []byte
}

// encode writes the header line and the JSON.
func (x Resource) encode() []byte {
	var b bytes.Buffer
	b.Grow(len(x.JSON) + 96)
	fmt.Fprintf(&b, "%d\t%d\t%s\t%t\n", x.Version, x.Updated.UnixMilli(), x.Case, x.Deleted)
	b.Write(x.JSON)
	return b.Bytes()
}

func decode(typ, id string, raw []byte) (Resource, error) {
	head, body, ok := bytes.Cut(raw, []byte{'\n'})
	f := strings.Split(string(head), "\t")
	if !ok || len(f) != 4 {
		return Resource{}, fmt.Errorf("resource %s/%s: bad header", typ, id)
	}
	v, err := strconv.Atoi(f[0])
	if err != nil {
		return Resource{}, fmt.Errorf("resource %s/%s: version: %w", typ, id, err)
	}
	ms, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil {
		return Resource{}, fmt.Errorf("resource %s/%s: time: %w", typ, id, err)
	}
	return Resource{Type: typ, ID: id, Version: v, Updated: time.UnixMilli(ms).UTC(), Case: f[2], Deleted: f[3] == "true", JSON: body}, nil
}

// Get reads the current version; a deleted Task is found, as its tombstone.
func Get(r store.Reader, typ, id string) (Resource, bool, error) {
	raw, ok := r.Get(resKey(typ, id))
	if !ok {
		return Resource{}, false, nil
	}
	x, err := decode(typ, id, raw)
	return x, true, err
}

// Version reads one version, current or superseded.
func Version(r store.Reader, typ, id string, v int) (Resource, bool, error) {
	cur, ok, err := Get(r, typ, id)
	if !ok || err != nil || cur.Version == v {
		return cur, ok, err
	}
	raw, ok := r.Get(hisKey(typ, id, v))
	if !ok {
		return Resource{}, false, nil
	}
	x, err := decode(typ, id, raw)
	return x, true, err
}

// History reads all versions, newest first.
func History(r store.Reader, typ, id string) ([]Resource, error) {
	cur, ok, err := Get(r, typ, id)
	if !ok || err != nil {
		return nil, err
	}
	all := []Resource{cur}
	for _, raw := range r.ScanDesc(hisKeys(typ, id), "") {
		x, err := decode(typ, id, raw)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// put makes x the current version and moves the one before into the history.
func put(w store.Writer, x Resource) error {
	old, ok, err := Get(w, x.Type, x.ID)
	if err != nil {
		return err
	}
	if ok {
		if x.Version != old.Version+1 {
			return fmt.Errorf("resource %s/%s: version %d after %d", x.Type, x.ID, x.Version, old.Version)
		}
		w.Put(hisKey(x.Type, x.ID, old.Version), old.encode())
	}
	w.Put(resKey(x.Type, x.ID), x.encode())
	return nil
}

// Marker stands before a stable pseudonym inside stored JSON, in the place of
// a pseudonym in transit; the value ends at the closing quote.
const Marker = "urn:sandbox:at-rest:"

// Pseudonyms lists the distinct stable pseudonyms in stored JSON, in order.
func Pseudonyms(json []byte) []string {
	var out []string
	seen := map[string]bool{}
	for {
		i := bytes.Index(json, []byte(Marker))
		if i < 0 {
			return out
		}
		json = json[i+len(Marker):]
		n := max(bytes.IndexByte(json, '"'), 0)
		if key := string(json[:n]); !seen[key] {
			seen[key] = true
			out = append(out, key)
		}
	}
}

// Replace writes the JSON with every stable pseudonym replaced by its value in
// transit.
func Replace(json []byte, transit map[string]string) []byte {
	out := make([]byte, 0, len(json)+1024)
	for {
		i := bytes.Index(json, []byte(Marker))
		if i < 0 {
			return append(out, json...)
		}
		rest := json[i+len(Marker):]
		n := max(bytes.IndexByte(rest, '"'), 0)
		out = append(append(out, json[:i]...), transit[string(rest[:n])]...)
		json = rest[n:]
	}
}
