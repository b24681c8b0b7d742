package dispute

import (
	"context"
	"flag"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

var long = flag.Bool("long", false, "let TestGrowth go up to a job of 100,000 dispatches, and print what each dispute costs; damage every byte of evidence")

// TestGrowth disputes one flipped bit in jobs that are longer each time, with intervals of 20 steps and with one interval for all of it:
// what a dispute costs grows with the logarithm of the interval, and not with the job.
func TestGrowth(t *testing.T) {
	ctx := context.Background()
	epochs := []string{"1", "4"}
	if *long {
		epochs = []string{"1", "10", "100"}
	}
	for _, e := range epochs {
		for _, interval := range []uint64{20, 32768} {
			job := exampleOf(t, interval, "epochs="+e)
			fault := runtime.Fault{Step: 28, Any: true, Skip: 2, Offset: 404, Bit: 21}
			told := fault
			lying := run(t, job, &told)
			index := uint64(27) / interval
			theirs, ours := account(t, job, lying, index, &fault), account(t, job, lying, index, nil)
			begin := time.Now()
			q, g := gameOf(t, job, lying, index, theirs, ours)
			played := time.Since(begin)
			proof, err := ours.Prove(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			begin = time.Now()
			r, err := runtime.Judge(ctx, job, q, proof)
			if err != nil {
				t.Fatal(err)
			}
			judged := time.Since(begin)
			if r.Wrong != [2]bool{true, false} || q.Kind != Word {
				t.Errorf("%s: wrong are %v", q.Kind, r.Wrong)
			}
			if g.Rounds > 12 || g.Bytes > 1<<20 {
				t.Errorf("%d rounds and %d bytes, want at most 12 and %d", g.Rounds, g.Bytes, 1<<20)
			}
			t.Logf("%d dispatches, %d steps, intervals of %d: %d rounds, %d bytes of moves, played in %v; a proof of %d bytes, judged in %v",
				lying.res.Timing.Dispatches, lying.res.Receipt.Steps, interval, g.Rounds, g.Bytes, played.Round(time.Millisecond), len(msg.Encode(proof)), judged.Round(100*time.Microsecond))
		}
	}
}
