package care

import (
	"sync"
	"time"
	_ "time/tzdata" // the image has no zone files
)

var brussels = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		return time.FixedZone("CET", 3600)
	}
	return l
})

// zone is the zone in which days begin.
func zone() *time.Location { return brussels() }
