package sandbox_test

import "github.com/moby/moby/api/types/container"

// readOnly mounts the root file system read-only, as a careful operator does.
func readOnly(h *container.HostConfig) { h.ReadonlyRootfs = true }
