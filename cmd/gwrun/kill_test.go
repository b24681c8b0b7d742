package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"
)

// A job of thirty seconds that is killed fifty times:
//
//	go test ./cmd/gwrun -run TestKills -kills 50 -killrounds 60000000 -timeout 2h -v
var (
	kills      = flag.Int("kills", 4, "how often TestKills kills, in each of its ways")
	killRounds = flag.Int("killrounds", 4_000_000, "how long a step of the job that TestKills kills takes: 15,000,000 is about an eighth of a second")
	killSeed   = flag.Uint64("killseed", uint64(time.Now().UnixNano()), "what TestKills draws its moments from")
)

// killed is a job of which every step leaves something half done.
func killed() []string {
	return []string{"../../runtime/testdata/lasting.wasm", "--arg", "60", "--arg", fmt.Sprint(*killRounds), "--interval", "1"}
}

// ending is what must not depend on how often a job was killed.
type ending struct {
	TraceRoot, StateRoot string
	Gas, GPUGas          uint64
	Outputs              map[string]outputHash
}

func (r *runResult) ending() ending {
	return ending{r.TraceRoot.String(), r.StateRoot.String(), r.Gas, r.GPUGas, r.Outputs}
}

func (e ending) equal(t *testing.T, got ending) {
	t.Helper()
	a, _ := json.Marshal(e)
	b, _ := json.Marshal(got)
	if !bytes.Equal(a, b) {
		t.Errorf("after kills the job came to\n%s\nin one go to\n%s", b, a)
	}
}

// A job killed at random moments, as often as one likes, comes to the roots it comes to in one go.
func TestKills(t *testing.T) {
	home := t.TempDir()
	var one runResult
	began := time.Now()
	finish(t, home, exitOK, &one, append([]string{"run"}, killed()...)...)
	took := time.Since(began)
	want := one.ending()
	t.Logf("seed %d; in one go the job takes %v", *killSeed, took)

	t.Run("run", func(t *testing.T) {
		r := rand.New(rand.NewPCG(*killSeed, 1))
		done, jobs := 0, 0
		for done < *kills {
			dir := t.TempDir()
			jobs++
			for {
				args := append([]string{"run"}, killed()...)
				p := start(t, home, append(args, "--json", "--checkpoint", dir, "--checkpoint-every", (took/30).String())...)
				if done < *kills && !p.killedWithin(time.Duration(r.Int64N(int64(took/2)))) {
					done++
					continue
				}
				if code := p.wait(); code != exitOK {
					t.Fatalf("exit status %d", code)
				}
				var got runResult
				if err := json.Unmarshal(p.out.Bytes(), &got); err != nil {
					t.Fatal(err)
				}
				want.equal(t, got.ending())
				break
			}
		}
		t.Logf("%d kills of %d jobs", done, jobs)
	})

	t.Run("host", func(t *testing.T) {
		r := rand.New(rand.NewPCG(*killSeed, 2))
		done, jobs := 0, 0
		for done < *kills {
			jobs++
			home := t.TempDir()
			host := serve(t, home, "host", "--listen", "127.0.0.1:0")
			sub := start(t, home, append([]string{"submit", "--json", "--peers", host.Address}, killed()...)...)
			untilIntervals(t, home, host.Address, 1)
			for over := false; done < *kills && !over; {
				select {
				case err := <-sub.ended:
					sub.ended <- err
					over = true
				case <-time.After(time.Duration(r.Int64N(int64(took / 2)))):
					host.signal(syscall.SIGKILL)
					<-host.ended
					host.waited = true
					done++
					host = serve(t, home, "host", "--listen", host.Address)
				}
			}
			if code := sub.wait(); code != exitOK {
				t.Fatalf("submit: exit status %d", code)
			}
			var got submitResult
			if err := json.Unmarshal(sub.out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			want.equal(t, ending{got.TraceRoot.String(), got.StateRoot.String(), got.Gas, got.GPUGas, got.Outputs})
			host.signal(os.Interrupt)
			if code := host.wait(); code != exitOK {
				t.Errorf("host: exit status %d", code)
			}
		}
		t.Logf("%d kills of %d jobs", done, jobs)
	})
}

// killedWithin kills the process after a while, and reports true if it had ended by itself before.
func (p *process) killedWithin(d time.Duration) (ended bool) {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err
		return true
	case <-time.After(d):
	}
	p.cmd.Process.Kill() // or it has ended this very moment, which is as good
	<-p.ended
	p.waited = true
	return false
}
