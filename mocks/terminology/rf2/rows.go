package rf2

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine bounds a row; the longest in a release are OWL expressions of some kilobytes.
const maxLine = 1 << 20

// row is one line of a file, split at tabs. Its fields are only valid until the next row is read.
type row struct {
	file    string
	line    int
	columns []string // the header
	fields  [][]byte
	bad     error // first field that could not be read
	joined  []byte
}

// key is what the row is told from others by: its id, or the identifier together with its scheme.
func (r *row) key() []byte {
	if r.columns[0] == "id" {
		return r.fields[0]
	}
	r.joined = append(append(append(r.joined[:0], r.fields[0]...), '\t'), r.fields[4]...)
	return r.joined
}

// fail remembers the first error of the row.
func (r *row) fail(format string, args ...any) {
	if r.bad == nil {
		r.bad = &Error{File: r.file, Line: r.line, Text: fmt.Sprintf(format, args...)}
	}
}

// id reads an SCTID.
func (r *row) id(i int, column string) uint64 {
	f := r.fields[i]
	if len(f) < 6 || len(f) > 18 {
		r.fail("column %s: %q is no SNOMED CT identifier", column, cut(f))
		return 0
	}
	v := uint64(0)
	for _, c := range f {
		if c < '0' || c > '9' {
			r.fail("column %s: %q is no SNOMED CT identifier", column, cut(f))
			return 0
		}
		v = v*10 + uint64(c-'0')
	}
	return v
}

func cut(f []byte) string {
	if len(f) > 40 {
		f = f[:40]
	}
	return string(f)
}

// date reads an effective time; an empty one is that of an unpublished row.
func (r *row) date() uint32 {
	f := r.fields[1]
	if len(f) == 0 {
		return 99991231
	}
	if len(f) != 8 {
		r.fail("column effectiveTime: %q has not the form YYYYMMDD", cut(f))
		return 0
	}
	v := uint32(0)
	for _, c := range f {
		if c < '0' || c > '9' {
			r.fail("column effectiveTime: %q has not the form YYYYMMDD", cut(f))
			return 0
		}
		v = v*10 + uint32(c-'0')
	}
	return v
}

// active reads the third column.
func (r *row) active() bool {
	f := r.fields[2]
	if len(f) == 1 && (f[0] == '0' || f[0] == '1') {
		return f[0] == '1'
	}
	r.fail("column active: %q is neither 0 nor 1", cut(f))
	return false
}

// number reads a small whole number.
func (r *row) number(i int, column string) uint32 {
	v := uint32(0)
	f := r.fields[i]
	if len(f) == 0 || len(f) > 9 {
		r.fail("column %s: %q is no whole number", column, cut(f))
		return 0
	}
	for _, c := range f {
		if c < '0' || c > '9' {
			r.fail("column %s: %q is no whole number", column, cut(f))
			return 0
		}
		v = v*10 + uint32(c-'0')
	}
	return v
}

// each reads a file row by row. The header must be the one given, or begin with it when more is true.
func (f *file) each(ctx context.Context, header string, more bool, count func(int), fn func(*row) error) error {
	in, err := f.open()
	if err != nil {
		return &Error{File: f.name, Text: "cannot be opened: " + err.Error()}
	}
	defer in.Close() //nolint:errcheck // opened for reading
	rd := bufio.NewReaderSize(in, maxLine)
	want := strings.Fields(header)
	r := &row{file: f.name, fields: make([][]byte, 0, 16)}
	unreported, empty := 0, 0
	for {
		line, err := rd.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return &Error{File: f.name, Line: r.line + 1, Text: fmt.Sprintf("the row is longer than %d bytes", maxLine)}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return &Error{File: f.name, Line: r.line + 1, Text: "the file is damaged or cut short: " + err.Error()}
		}
		if len(line) == 0 && errors.Is(err, io.EOF) {
			break
		}
		r.line++
		unreported += len(line)
		if r.line&0x3fff == 0 {
			count(unreported)
			unreported = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
		if r.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
			if r.columns, err = checkHeader(f.name, line, want, more); err != nil {
				return err
			}
			continue
		}
		if len(line) == 0 { // nothing but empty lines may follow
			if empty == 0 {
				empty = r.line
			}
			continue
		}
		if empty > 0 {
			return &Error{File: f.name, Line: empty, Text: fmt.Sprintf("1 columns, %d expected", len(r.columns))}
		}
		if !utf8.Valid(line) {
			return &Error{File: f.name, Line: r.line, Text: "the row is not encoded in UTF-8"}
		}
		r.split(line)
		if len(r.fields) != len(r.columns) {
			return &Error{File: f.name, Line: r.line, Text: fmt.Sprintf("%d columns, %d expected", len(r.fields), len(r.columns))}
		}
		if header == headerIdentifierOld {
			r.fields = append(r.fields[:0], r.fields[1], r.fields[2], r.fields[3], r.fields[4], r.fields[0], r.fields[5])
		}
		if err := fn(r); err != nil {
			return err
		}
		if r.bad != nil {
			return r.bad
		}
	}
	count(unreported)
	if r.line == 0 {
		return &Error{File: f.name, Text: "is empty: not even a header"}
	}
	return nil
}

// begins tells whether the header of a file is the one given.
func (f *file) begins(header string) (bool, error) {
	in, err := f.open()
	if err != nil {
		return false, &Error{File: f.name, Text: "cannot be opened: " + err.Error()}
	}
	defer in.Close() //nolint:errcheck // opened for reading
	line, err := bufio.NewReader(io.LimitReader(in, maxLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, &Error{File: f.name, Line: 1, Text: "the file is damaged or cut short: " + err.Error()}
	}
	return strings.Join(strings.Fields(strings.TrimPrefix(line, "\ufeff")), " ") == header, nil
}

func (r *row) split(line []byte) {
	r.fields = r.fields[:0]
	for {
		i := bytes.IndexByte(line, '\t')
		if i < 0 {
			r.fields = append(r.fields, line)
			return
		}
		r.fields = append(r.fields, line[:i])
		line = line[i+1:]
	}
}

func checkHeader(name string, line []byte, want []string, more bool) ([]string, error) {
	if !utf8.Valid(line) {
		return nil, &Error{File: name, Line: 1, Text: "the header is not encoded in UTF-8"}
	}
	have := strings.Split(string(line), "\t")
	ok := len(have) == len(want) || more && len(have) > len(want)
	for i := range min(len(want), len(have)) {
		ok = ok && have[i] == want[i]
	}
	if !ok {
		return nil, &Error{File: name, Line: 1, Text: fmt.Sprintf("the header is %q, expected %q", strings.Join(have, " "), strings.Join(want, " "))}
	}
	return have, nil
}
