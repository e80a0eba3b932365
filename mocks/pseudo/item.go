package pseudo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// item is one input, decoded but not yet checked on the curve.
type item struct {
	id          *string // as sent, nil if there was none to read
	x, y        string  // as sent
	xb, yb      []byte
	transitInfo *string
	badInfo     string // a transitInfo that is no text, as sent
}

// itemRefusal is a refusal that blames one item: in a list it is answered in
// the item's place.
func (i *item) refuse(f *respond.Refusal) *respond.Refusal {
	if i.id != nil {
		f.Detail = i.id
	}
	return f
}

// object decodes a JSON object leniently: each member stays raw, so that one of
// a wrong type spoils nothing else. Names are case-sensitive; of a member given
// twice the last counts, as with Jackson.
func object(raw []byte) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errors.New("it is null")
	}
	return m, nil
}

// parseItem decodes one input. The item is returned with its id even if the
// rest is refused.
func parseItem(raw json.RawMessage) (*item, *respond.Refusal) {
	m, err := object(raw)
	if err != nil {
		return &item{}, badRequest("pseudo-item", "the item is not a JSON object", clip(string(raw)), `{"id":…,"crv":"P-521","x":…,"y":…}`)
	}
	return itemOf(m)
}

func itemOf(m map[string]json.RawMessage) (*item, *respond.Refusal) {
	i := &item{}
	var id string
	if text(m["id"], &id) {
		i.id = &id
	}
	if crv, ok := m["crv"]; ok && string(crv) != "null" {
		var name string
		if !text(crv, &name) || name != "P-521" {
			return i, i.refuse(badRequest("pseudo-crv", "crv must be P-521", clip(string(crv)), `"P-521", or no crv`))
		}
	}
	for _, c := range []struct {
		name string
		text *string
		out  *[]byte
	}{{"x", &i.x, &i.xb}, {"y", &i.y, &i.yb}} {
		if f := i.coordinate(m[c.name], c.name, c.text, c.out); f != nil {
			return i, f
		}
	}
	if info, ok := m["transitInfo"]; ok && string(info) != "null" {
		var s string
		if !text(info, &s) {
			i.badInfo = clip(string(info)) // pseudonymize ignores it
		}
		i.transitInfo = &s
	}
	return i, nil
}

// text decodes a JSON string and nothing else.
func text(raw json.RawMessage, out *string) bool {
	if len(raw) < 2 || raw[0] != '"' {
		return false
	}
	if bytes.IndexByte(raw, '\\') < 0 { // nothing escaped: the JSON is valid already
		*out = string(raw[1 : len(raw)-1])
		return true
	}
	return json.Unmarshal(raw, out) == nil
}

func (i *item) coordinate(raw json.RawMessage, name string, shown *string, out *[]byte) *respond.Refusal {
	rule := "pseudo-" + name
	if len(raw) == 0 || string(raw) == "null" {
		return i.refuse(badRequest(rule, name+" is missing", "none", "standard base64 of up to 66 bytes"))
	}
	if !text(raw, shown) {
		return i.refuse(badRequest(rule, name+" must be a text", clip(string(raw)), "standard base64 of up to 66 bytes"))
	}
	// Newlines are skipped by Go's decoder, and by no strict one.
	b, err := base64.StdEncoding.DecodeString(*shown)
	if err != nil || bytes.ContainsAny([]byte(*shown), "\r\n") {
		f := badRequest(rule, name+" is not base64", clip(*shown), "the standard alphabet (+ and /) with padding")
		if _, err := base64.RawURLEncoding.DecodeString(*shown); err == nil {
			f.Hint = "this looks like base64url, which is for SEC 1 strings and JWE parts only"
		}
		return i.refuse(f)
	}
	if len(b) == 0 {
		return i.refuse(badRequest(rule, name+" is empty", "0 bytes", "1 to 66 bytes"))
	}
	*out = b
	return nil
}

// point checks that the coordinates are a point of the curve.
func (i *item) point(g ecgroup.Group) (ecgroup.Point, *respond.Refusal) {
	p, err := g.Point(i.xb, i.yb)
	if err == nil {
		return p, nil
	}
	// The published text of the real service.
	message := fmt.Sprintf("Invalid point [ECPoint{curve='P-521', x=%s, y=%s}]", number(i.xb), number(i.yb))
	return p, i.refuse(badRequest("pseudo-point", message, err.Error(), "a point of P-521 other than infinity"))
}

// number shows a coordinate as the decimal number it stands for.
func number(b []byte) string {
	if len(bytes.TrimLeft(b, "\x00")) > ecgroup.Size {
		return strconv.Itoa(len(b)) + " bytes"
	}
	return bigText(b)
}
