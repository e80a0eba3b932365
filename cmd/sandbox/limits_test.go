package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dial connects to the process and sends text as it is.
func (p *process) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(3 * headerTimeout)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, text) // the server may answer before it has read all
	return c
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, text := range map[string]string{
		"a long header": "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("a", headerLimit) + "\r\n",
		"a long path":   "GET /" + strings.Repeat("a", headerLimit+8192) + " HTTP/1.1\r\n",
	} {
		res, err := http.ReadResponse(bufio.NewReader(p.dial(t, text+strings.Repeat("Y: b\r\n", 2000))), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
}

func TestAClientThatNeverEndsItsHeaderIsCutOff(t *testing.T) {
	t.Parallel()
	p := start(t)
	began := time.Now()
	c := p.dial(t, "GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	if took := time.Since(began); took > 2*headerTimeout {
		t.Errorf("it held its connection for %s", took)
	}
	if status, _, err := call1(t.Context(), http.MethodGet, p.url+"/_sandbox/live", "", "", nil); err != nil || status != http.StatusOK {
		t.Errorf("the others: %d %v", status, err)
	}
}
