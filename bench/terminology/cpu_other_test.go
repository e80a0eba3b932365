//go:build !linux

package terminology_test

import "time"

// started is what threadTime counts from.
var started = time.Now()

// threadTime is the time on the wall where the time of a thread cannot be asked for.
func threadTime() time.Duration { return time.Since(started) }
