package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // the image has no time zone files
)

// Brussels is Europe/Brussels, the zone in which the platform's days begin
// (our choice: the guide names no zone).
var Brussels = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		panic("clock: the embedded time zones lack Europe/Brussels: " + err.Error())
	}
	return l
})
