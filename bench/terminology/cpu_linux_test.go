package terminology_test

import (
	"syscall"
	"time"
	"unsafe"
)

// threadTime is the processor time the calling thread has used (CLOCK_THREAD_CPUTIME_ID).
func threadTime() time.Duration {
	var ts syscall.Timespec
	if _, _, e := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 3, uintptr(unsafe.Pointer(&ts)), 0); e != 0 {
		return 0
	}
	return time.Duration(ts.Nano())
}
