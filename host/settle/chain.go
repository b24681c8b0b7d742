package settle

import (
	"crypto/sha256"

	"github.com/gwrun/gwrun/proto/msg"
)

// ChainBeacon is the seed of a job that a chain draws the jury of: in place of the parties' shares stands prevrandao of a block that was named
// when the trace was committed to (contracts/src/Draw.sol).
func ChainBeacon(job, trace, prevrandao msg.Hash) msg.Hash {
	h := sha256.New()
	h.Write([]byte("gwrun chain beacon 1\x00"))
	for _, p := range []msg.Hash{job, trace, prevrandao} {
		h.Write(p[:])
	}
	return msg.Hash(h.Sum(nil))
}
