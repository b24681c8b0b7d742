//go:build !unix

package figures

import "time"

// processorTime is not known here.
func processorTime() time.Duration { return 0 }
