package main

import (
	"io"
	"testing"
)

func TestAReleaseIsNamedByTheShortFlagToo(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	for _, flag := range []string{"-rf2", "-tx-rf2"} {
		values, err := settingsOf([]string{flag, "release.zip"}, none, io.Discard)
		if err != nil || values["tx-rf2"] != "release.zip" {
			t.Errorf("%s: %q %v", flag, values["tx-rf2"], err)
		}
	}
}
